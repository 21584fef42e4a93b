"""Copies of the durable table.

    backup restore --table app --to app-restored --at 2026-11-21T08:00:00Z
        A new table as the old one was at that second (without --at: as it was some minutes ago). Point-in-time recovery
        does it inside DynamoDB: consistent, and no reads of the old table. Waits until the new table is there.
    backup protect --table app-restored
        Gives a restored table what a restore does not bring: point-in-time recovery and protection from deletion.
    backup replace --table app --with app-restored
        Puts the rows of a restored table in the place of a spoiled one, under its old name: policies, functions and the stack
        name that. Asks first, because it deletes the spoiled table; DynamoDB itself keeps a backup of a table that had
        point-in-time recovery and is deleted, for 35 days. Can be run again after a failure, in the same folder: there it
        leaves <table>.settings.json, what else the old table had.
    backup export --table app --to folder
        All rows as files, with their counts and a digest: for another account, or for a safe. Rows that are written
        meanwhile may be in it or not; a consistent copy is made by `restore` first and an export of that.
    backup import --from folder --table app-copy
        Creates the table with its keys and indices, which has to be a new one, and writes the rows.
    backup verify --table app --with app-restored
        Compares two tables, a table and a folder, or two folders: rows of each kind, a digest of all, and the keys that
        differ. Ends with 1 when anything does.
    backup count --table app
        Rows of each kind, and the digest.

--endpoint names another address of DynamoDB (http://127.0.0.1:8080/_aws with `cargo dev`). Region and credentials are
taken from the environment as the AWS command line takes them.
"""

import argparse
import base64
import collections
import datetime
import gzip
import hashlib
import json
import pathlib
import sys
import time

import boto3
from botocore.config import Config

SHOWN = 20


def plain(value):
    """An attribute with binaries as text, and sets in one order, so that equal rows have equal texts."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return value


def ordered(item):
    """As `plain`, sets sorted: what is hashed."""
    def sort(value):
        if isinstance(value, dict):
            return {k: sorted(v) if k in ("SS", "NS", "BS") else sort(v) for k, v in value.items()}
        return [sort(inner) for inner in value] if isinstance(value, list) else value

    return json.dumps(sort(item), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def typed(value):
    """A row as the client takes it: binaries as bytes again."""
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["B"]:
        return {"B": base64.b64decode(value["B"])}
    if list(value) == ["BS"]:
        return {"BS": [base64.b64decode(one) for one in value["BS"]]}
    return {key: typed(inner) for key, inner in value.items()}


def kind(item):
    """`DRIVER / PROFILE`, `PAYMENT`: what a row is, from the first parts of its keys."""
    parts = [item[key]["S"].split("#")[0] for key in ("pk", "sk") if key in item and "S" in item[key]]
    return " / ".join(part for part in parts if part and part != "-")


class Digest:
    """Counts of rows by kind, and a sum over all of them in which their order does not matter."""

    def __init__(self):
        self.counts, self.total, self.rows = collections.Counter(), 0, {}

    def add(self, item, keys):
        hashed = hashlib.sha256(ordered(item).encode()).digest()
        self.counts[kind(item)] += 1
        self.total = (self.total + int.from_bytes(hashed)) % 2**256
        self.rows[tuple(ordered(item[key]) for key in keys)] = hashed

    def text(self):
        return f"{self.total:064x}"

    def report(self, out=sys.stdout):
        for name, count in sorted(self.counts.items()):
            print(f"{count:10,}  {name}", file=out)
        print(f"{sum(self.counts.values()):10,}  rows, digest {self.text()}", file=out)


class Backup:
    def __init__(self, client, poll_s=15):
        self.client, self.poll_s = client, poll_s

    def rows(self, source):
        """All rows of a table, or of a folder that was exported."""
        folder = pathlib.Path(source)
        if (folder / "rows.jsonl.gz").is_file():
            with gzip.open(folder / "rows.jsonl.gz", "rt") as lines:
                yield from map(json.loads, lines)
            return
        pages = self.client.get_paginator("scan").paginate(TableName=source, ConsistentRead=True)
        for page in pages:
            yield from map(plain, page["Items"])

    def keys(self, source):
        folder = pathlib.Path(source)
        if (folder / "manifest.json").is_file():
            schema = json.loads((folder / "manifest.json").read_text())["schema"]
        else:
            schema = self.schema(source)
        return [key["AttributeName"] for key in schema["KeySchema"]]

    def schema(self, table):
        """What `create_table` needs to make the same table."""
        described = self.client.describe_table(TableName=table)["Table"]
        schema = {name: described[name] for name in ("AttributeDefinitions", "KeySchema")}
        indices = described.get("GlobalSecondaryIndexes", [])
        if indices:
            wanted = ("IndexName", "KeySchema", "Projection")
            schema["GlobalSecondaryIndexes"] = [{name: index[name] for name in wanted} for index in indices]
        return schema

    def digest(self, source):
        digest, keys = Digest(), self.keys(source)
        for item in self.rows(source):
            digest.add(item, keys)
        return digest

    def wait(self, table):
        while True:
            described = self.client.describe_table(TableName=table)["Table"]
            indices = [index.get("IndexStatus", "ACTIVE") for index in described.get("GlobalSecondaryIndexes", [])]
            if described["TableStatus"] == "ACTIVE" and set(indices) <= {"ACTIVE"}:
                return
            time.sleep(self.poll_s)

    def restore(self, table, to, at=None):
        when = {"RestoreDateTime": at} if at else {"UseLatestRestorableTime": True}
        self.client.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=to, **when)
        self.wait(to)

    def protect(self, table):
        while True:
            try:
                self.client.update_continuous_backups(
                    TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
                )
                break
            except self.client.exceptions.ContinuousBackupsUnavailableException:
                # So for the first minutes of a table.
                time.sleep(self.poll_s)
        self.client.update_table(TableName=table, DeletionProtectionEnabled=True)
        self.wait(table)

    def exists(self, table):
        try:
            self.client.describe_table(TableName=table)
        except self.client.exceptions.ResourceNotFoundException:
            return False
        return True

    def settings(self, table):
        """What neither a restore brings nor `protect` gives."""
        described = self.client.describe_table(TableName=table)["Table"]
        life = self.client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        return {
            "OnDemandThroughput": described.get("OnDemandThroughput"),
            "TimeToLive": life.get("AttributeName") if life["TimeToLiveStatus"].startswith("ENABL") else None,
        }

    def replace(self, table, copy, folder="."):
        kept = pathlib.Path(folder) / f"{table}.settings.json"
        if self.exists(table):
            kept.write_text(json.dumps(self.settings(table)) + "\n")
        settings = json.loads(kept.read_text())
        taken = self.client.create_backup(TableName=copy, BackupName=f"{table}-returns")["BackupDetails"]["BackupArn"]
        while True:
            described = self.client.describe_backup(BackupArn=taken)["BackupDescription"]["BackupDetails"]
            if described["BackupStatus"] == "AVAILABLE":
                break
            time.sleep(self.poll_s)
        if self.exists(table):
            self.client.update_table(TableName=table, DeletionProtectionEnabled=False)
            self.wait(table)
            self.client.delete_table(TableName=table)
        while self.exists(table):
            time.sleep(self.poll_s)
        self.client.restore_table_from_backup(TargetTableName=table, BackupArn=taken)
        self.wait(table)
        if settings["OnDemandThroughput"]:
            self.client.update_table(TableName=table, OnDemandThroughput=settings["OnDemandThroughput"])
            self.wait(table)
        if settings["TimeToLive"]:
            life = {"Enabled": True, "AttributeName": settings["TimeToLive"]}
            self.client.update_time_to_live(TableName=table, TimeToLiveSpecification=life)
        self.protect(table)

    def export(self, table, to):
        folder = pathlib.Path(to)
        folder.mkdir(parents=True)
        digest, keys = Digest(), self.keys(table)
        with gzip.open(folder / "rows.jsonl.gz", "wt") as out:
            for item in self.rows(table):
                digest.add(item, keys)
                print(json.dumps(item, ensure_ascii=False, separators=(",", ":")), file=out)
        manifest = {
            "table": table,
            "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "schema": self.schema(table),
            "counts": dict(sorted(digest.counts.items())),
            "digest": digest.text(),
        }
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
        return digest

    def bring_in(self, source, table):
        manifest = json.loads((pathlib.Path(source) / "manifest.json").read_text())
        found = self.digest(source).text()
        if found != manifest["digest"]:
            raise SystemExit(f"{source} is not what was exported: its digest is {found}, not {manifest['digest']}")
        self.client.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", **manifest["schema"])
        self.wait(table)
        batch = []

        def write():
            waiting = {table: batch}
            while waiting:
                waiting = self.client.batch_write_item(RequestItems=waiting)["UnprocessedItems"]

        for item in self.rows(source):
            batch.append({"PutRequest": {"Item": typed(item)}})
            if len(batch) == 25:
                write()
                batch = []
        if batch:
            write()

    def verify(self, one, other, out=sys.stdout):
        """Whether both hold the same rows; says what differs."""
        first, second = self.digest(one), self.digest(other)
        for name in sorted(first.counts.keys() | second.counts.keys()):
            counts = first.counts[name], second.counts[name]
            print(f"{counts[0]:10,} {counts[1]:10,}  {name}{'' if counts[0] == counts[1] else '  DIFFERS'}", file=out)
        print(f"{one}: {first.text()}\n{other}: {second.text()}", file=out)
        keys = first.rows.keys() | second.rows.keys()
        differing = sorted(key for key in keys if first.rows.get(key) != second.rows.get(key))
        for key in differing[:SHOWN]:
            where = "differs" if key in first.rows and key in second.rows else f"only in {one if key in first.rows else other}"
            print(f"{' '.join(key)}: {where}", file=out)
        if len(differing) > SHOWN:
            print(f"and {len(differing) - SHOWN} more", file=out)
        print(f"{len(differing)} rows differ" if differing else "equal", file=out)
        return not differing and first.text() == second.text()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["restore", "protect", "replace", "export", "import", "verify", "count"])
    parser.add_argument("--table")
    parser.add_argument("--to")
    parser.add_argument("--from", dest="source")
    parser.add_argument("--with", dest="other")
    parser.add_argument("--at", type=datetime.datetime.fromisoformat)
    parser.add_argument("--endpoint")
    given = parser.parse_args(arguments)
    needed = {"restore": ["table", "to"], "export": ["table", "to"], "import": ["source", "table"], "verify": ["table", "other"]}
    needed["replace"] = needed["verify"]
    missing = [name for name in needed.get(given.command, ["table"]) if getattr(given, name) is None]
    if missing:
        parser.error(f"{given.command} needs more than that; see --help")
    retries = Config(retries={"mode": "adaptive", "max_attempts": 10})
    backup = Backup(boto3.client("dynamodb", endpoint_url=given.endpoint, config=retries))
    match given.command:
        case "restore":
            backup.restore(given.table, given.to, given.at)
            print(f"{given.to} is there")
        case "protect":
            backup.protect(given.table)
        case "replace":
            said = input(f"This deletes {given.table} and puts {given.other} in its place. Type the name of the table to delete: ")
            if said.strip() != given.table:
                raise SystemExit("nothing was done")
            backup.replace(given.table, given.other)
            sys.exit(not backup.verify(given.table, given.other))
        case "export":
            backup.export(given.table, given.to).report()
        case "import":
            backup.bring_in(given.source, given.table)
        case "count":
            backup.digest(given.table).report()
        case "verify":
            sys.exit(not backup.verify(given.table, given.other))


if __name__ == "__main__":
    main()
