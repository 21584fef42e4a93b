"""Rehearses a restore of the durable table, twice.

On the store of `cargo dev`: drivers sign in, respond and pay; the table is exported, brought into a new table with its keys
and indices, and compared; then a row is changed, one is lost and one is added, and the comparison has to name exactly these.
On moto, which has point-in-time recovery: the table of template.yaml is restored into a new one, protected and compared; then
it is spoiled, and the restored one put in its place under its own name.
"""

import importlib.machinery
import importlib.util
import io
import os
import pathlib
import tempfile

import boto3
import moto

from backup import Backup, kind

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ |= {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def world():
    """The product as the alarms' rehearsals start it."""
    loader = importlib.machinery.SourceFileLoader("rehearsals", str(ROOT / "tests/rehearse"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("rehearsals", loader))
    loader.exec_module(module)
    return module.World()


def compared(backup, one, other):
    out = io.StringIO()
    return backup.verify(one, other, out), out.getvalue()


def on_the_local_store(folder):
    with world() as product:
        for number in range(5):
            driver = product.driver(number)
            product.respond(driver, 2)
            status, _ = product.order(driver)
            assert status == 201, status
        client = boto3.client("dynamodb", endpoint_url=product.address + "/_aws")
        backup = Backup(client, poll_s=0.2)
        # What is on its way changes rows; the copy is compared once nothing does.
        product.until(lambda: backup.digest("app").text() == backup.digest("app").text())
        taken = backup.export("app", folder / "export")
        for wanted in ("DRIVER / PROFILE", "DRIVER / RESPONSE", "DRIVER / SUBSCRIPTION", "PAYMENT", "DELIVERY"):
            assert any(name.startswith(wanted) for name in taken.counts), (wanted, taken.counts)
        backup.bring_in(folder / "export", "app-restored")
        equal, said = compared(backup, folder / "export", "app-restored")
        assert equal, said
        indices = [index["IndexName"] for index in backup.schema("app-restored")["GlobalSecondaryIndexes"]]
        assert sorted(indices) == sorted(index["IndexName"] for index in backup.schema("app")["GlobalSecondaryIndexes"])
        print(f"{sum(taken.counts.values())} rows exported and brought back, digest {taken.text()[:12]}…; indices {indices}")

        rows = [row for row in client.scan(TableName="app-restored")["Items"]]
        profile, audit = (next(row for row in rows if kind(row).startswith(name)) for name in ("DRIVER / PROFILE", "AUDIT"))
        client.put_item(TableName="app-restored", Item={**profile, "company": {"S": "spoiled"}})
        client.delete_item(TableName="app-restored", Key={name: audit[name] for name in ("pk", "sk")})
        client.put_item(TableName="app-restored", Item={"pk": {"S": "DRIVER#0"}, "sk": {"S": "PROFILE"}})
        equal, said = compared(backup, folder / "export", "app-restored")
        assert not equal and said.rstrip().endswith("3 rows differ"), said
        print("a changed, a lost and an added row are named")

        (folder / "export/manifest.json").write_text(
            (folder / "export/manifest.json").read_text().replace(taken.text(), "0" * 64)
        )
        try:
            backup.bring_in(folder / "export", "app-other")
        except SystemExit as refused:
            print(f"a spoiled export is refused: {str(refused).split(':')[0]}")
        else:
            raise AssertionError("a spoiled export was taken")


def keep_bounds(client):
    """moto takes a table's bounds and forgets them; here they are kept, as long as the table."""
    bounds = {}

    def asked(params, **_):
        if "OnDemandThroughput" in params:
            bounds[params["TableName"]] = params["OnDemandThroughput"]

    def told(parsed, **_):
        table = parsed.get("Table", {})
        if table.get("TableName") in bounds:
            table["OnDemandThroughput"] = bounds[table["TableName"]]

    def dropped(params, **_):
        bounds.pop(params["TableName"], None)

    client.meta.events.register("provide-client-params.dynamodb.UpdateTable", asked)
    client.meta.events.register("provide-client-params.dynamodb.DeleteTable", dropped)
    client.meta.events.register("after-call.dynamodb.DescribeTable", told)


@moto.mock_aws
def with_point_in_time_recovery(folder):
    client = boto3.client("dynamodb")
    keep_bounds(client)
    backup = Backup(client, poll_s=0)
    # The rows and the schema of the product, from the export.
    (folder / "export/manifest.json").write_text(
        (folder / "export/manifest.json").read_text().replace("0" * 64, backup.digest(folder / "export").text())
    )
    backup.bring_in(folder / "export", "app")
    backup.protect("app")
    client.update_table(TableName="app", OnDemandThroughput={"MaxReadRequestUnits": 8000, "MaxWriteRequestUnits": 4000})
    life = {"Enabled": True, "AttributeName": "ttl"}
    client.update_time_to_live(TableName="app", TimeToLiveSpecification=life)
    backup.restore("app", "app-restored")
    equal, said = compared(backup, "app", "app-restored")
    assert equal, said
    backup.protect("app-restored")
    table = client.describe_table(TableName="app-restored")["Table"]
    recovery = client.describe_continuous_backups(TableName="app-restored")["ContinuousBackupsDescription"]
    assert table["DeletionProtectionEnabled"], table
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED", recovery
    print("restored to a point in time, compared, protected")

    before = table_settings(client, "app")
    assert before["bounds"] and before["life"]["TimeToLiveStatus"] == "ENABLED", before
    row = client.scan(TableName="app")["Items"][0]
    client.put_item(TableName="app", Item={**row, "company": {"S": "spoiled"}})
    backup.replace("app", "app-restored", folder)
    equal, said = compared(backup, "app", "app-restored")
    assert equal, said
    assert table_settings(client, "app") == before, (table_settings(client, "app"), before)
    # As after a failure: the spoiled table is gone, and nothing stands in its place.
    client.update_table(TableName="app", DeletionProtectionEnabled=False)
    client.delete_table(TableName="app")
    backup.replace("app", "app-restored", folder)
    equal, said = compared(backup, "app", "app-restored")
    assert equal and table_settings(client, "app") == before, said
    print("a spoiled table replaced under its own name, with its address, recovery, protection, time to live and bounds")


def table_settings(client, table):
    described = client.describe_table(TableName=table)["Table"]
    recovery = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    return {
        "address": described["TableArn"],
        "indices": sorted(index["IndexName"] for index in described["GlobalSecondaryIndexes"]),
        "recovery": recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "protection": described["DeletionProtectionEnabled"],
        "life": client.describe_time_to_live(TableName=table)["TimeToLiveDescription"],
        "bounds": described.get("OnDemandThroughput"),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        on_the_local_store(pathlib.Path(name))
        with_point_in_time_recovery(pathlib.Path(name))
