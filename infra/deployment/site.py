"""The web app's files in the bucket that CloudFront reads."""

from .build import SiteFile
from .release import Release
from .stage import Stage

FOLDER = "app/"


def upload(stage: Stage, bucket: str, files: list[SiteFile]) -> None:
    """Puts the files there, those that others name first. Nothing has to be invalidated: pages are `no-cache`, and
    every other name is new."""
    s3 = stage.client("s3")
    for file in files:
        s3.put_object(
            Bucket=bucket,
            Key=FOLDER + file.path,
            Body=file.content,
            ContentType=file.content_type,
            CacheControl=file.cache_control,
        )
    print(f"Uploaded {len(files)} files to {bucket}")


def prune(stage: Stage, bucket: str, kept: list[Release]) -> None:
    """Drops what belongs to no release that is kept. Until then an app that is open finds its lazy parts."""
    s3 = stage.client("s3")
    wanted = {FOLDER + path for release in kept for path in release.site}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=FOLDER)
    for key in [entry["Key"] for page in pages for entry in page.get("Contents", [])]:
        if key not in wanted:
            s3.delete_object(Bucket=bucket, Key=key)
