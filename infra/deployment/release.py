"""Releases: what was deployed, kept in a bucket of its own, so that the one before can be brought back."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import botocore.exceptions

from .build import SiteFile, pinned, upload_order
from .stage import Stage, Stop

# So many are kept, the code and the files of the site with them.
KEPT = 10


@dataclass(frozen=True)
class Release:
    """A release as its record says."""

    id: str
    # The release that was live before it; None for the first.
    follows: str | None
    commit: str
    # What it consists of; two releases with one digest are the same.
    digest: str
    parameters: dict[str, str]
    # Keys of the functions' code.
    code: list[str]
    # Paths of the web app's files.
    site: list[str]

    @property
    def template_key(self) -> str:
        return f"releases/{self.id}/template.yaml"

    @property
    def pinned_key(self) -> str:
        return f"releases/{self.id}/pinned.yaml"

    def site_key(self, path: str) -> str:
        return f"releases/{self.id}/site/{path}"


class Releases:
    """The bucket of releases."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.bucket = stage.releases_bucket
        self.s3 = stage.client("s3")

    def exist(self) -> bool:
        """Whether the bucket is there, and ours."""
        try:
            self.s3.head_bucket(Bucket=self.bucket, ExpectedBucketOwner=self.stage.account)
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
                return False
            raise Stop(f"the bucket {self.bucket} cannot be used: {error}") from None
        return True

    def prepare(self) -> None:
        """Makes the bucket, private and encrypted, unless it is there."""
        if self.exist():
            return
        place = {"LocationConstraint": self.stage.region}
        where = {} if self.stage.region == "us-east-1" else {"CreateBucketConfiguration": place}
        self.s3.create_bucket(Bucket=self.bucket, **where)
        block = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
        self.s3.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=dict.fromkeys(block, True))
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        self.s3.put_bucket_encryption(Bucket=self.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def current(self) -> Release | None:
        """The release that is live, or that was last meant to be."""
        pointer = self.read("current.json")
        return self.get(json.loads(pointer)["release"]) if pointer else None

    def get(self, release: str) -> Release:
        record = self.read(f"releases/{release}/release.json")
        if record is None:
            raise Stop(f"the release {release} is no longer kept; the last {KEPT} are")
        return Release(**json.loads(record))

    def draft(self, template: str, code: list[str], parameters: dict[str, str], site: list[SiteFile], commit: str):
        """The release that these make: the live one again if nothing differs, else a new one. Stores nothing."""
        parts = [template, json.dumps(parameters, sort_keys=True)]
        parts += [f"{file.path} {hashlib.sha256(file.content).hexdigest()}" for file in site]
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        live = self.current()
        if live and live.digest == digest:
            return live
        identity = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{digest[:8]}"
        follows = live.id if live else None
        return Release(identity, follows, commit, digest, parameters, sorted(code), [file.path for file in site])

    def put_template(self, release: Release, template: str) -> None:
        self.put(release.template_key, template.encode())

    def pinned_template(self, release: Release, parameters: dict[str, str], edge_version: str | None) -> str:
        """The release's template as it is deployed now; see `pinned`."""
        template = self.read(release.template_key)
        if template is None:
            raise Stop(f"the template of the release {release.id} is no longer kept")
        return pinned(template.decode(), parameters, edge_version)

    def address(self, release: Release, template: str) -> str:
        """Where CloudFormation finds the pinned template: it reads one of this size from a bucket only."""
        self.put(release.pinned_key, template.encode())
        suffix = "amazonaws.com.cn" if self.stage.region.startswith("cn-") else "amazonaws.com"
        return f"https://{self.bucket}.s3.{self.stage.region}.{suffix}/{release.pinned_key}"

    def keep(self, release: Release, code: dict[str, bytes], site: list[SiteFile]) -> None:
        """Stores the rest of it, its record last: a release with a record is whole."""
        for key, content in code.items():
            if not self.has(key):
                self.put(key, content)
        for file in site:
            self.put(release.site_key(file.path), file.content)
        self.put(f"releases/{release.id}/release.json", json.dumps(asdict(release), indent=2).encode())

    def set_current(self, release: Release) -> None:
        self.put("current.json", json.dumps({"release": release.id}).encode())

    def site_of(self, release: Release) -> list[SiteFile]:
        """The web app's files of a release, in the order of their upload."""
        files = [SiteFile(path, self.read(release.site_key(path)) or b"") for path in release.site]
        return sorted(files, key=upload_order)

    def prune(self, live: Release) -> list[Release]:
        """Drops all but the releases that can still be brought back, and returns those that can."""
        kept = [live]
        while len(kept) < KEPT and kept[-1].follows and self.has(f"releases/{kept[-1].follows}/release.json"):
            kept.append(self.get(kept[-1].follows))
        folders = {f"releases/{release.id}/" for release in kept}
        code = {key for release in kept for key in release.code}
        for key in self.keys("releases/"):
            if "/".join(key.split("/")[:2]) + "/" not in folders:
                self.s3.delete_object(Bucket=self.bucket, Key=key)
        for key in self.keys("code/"):
            if key not in code:
                self.s3.delete_object(Bucket=self.bucket, Key=key)
        return kept

    def drop_templates(self, release: Release) -> None:
        """Takes back what a dry run had to store."""
        for key in (release.template_key, release.pinned_key):
            self.s3.delete_object(Bucket=self.bucket, Key=key)

    def read(self, key: str) -> bytes | None:
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except (self.s3.exceptions.NoSuchKey, self.s3.exceptions.NoSuchBucket):
            return None

    def has(self, key: str) -> bool:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        return any(entry["Key"] == key for entry in listed.get("Contents", []))

    def keys(self, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def put(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
