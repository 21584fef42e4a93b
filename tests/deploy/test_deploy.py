"""infra/deploy: what it does to an account."""

import json

import pytest
from cloud import ACCOUNT, REGION, ROOT, client
from conftest import SECRETS, write_stage
from deployment.build import SiteFile
from deployment.release import Releases
from deployment.site import prune, upload
from deployment.stack import Stack, index_faults
from deployment.stage import Stage, Stop
from deployment.versions import remove_old
from moto.cloudwatch.models import cloudwatch_backends

STACK = "cargotech-driver-staging"
RELEASES = f"{STACK}-{ACCOUNT}-{REGION}"


def fill_secrets(prefix: str = STACK) -> None:
    manager = client("secretsmanager")
    for name in ("cargotech", "telegram", "yookassa"):
        content = {key.split(".")[1]: value for key, value in SECRETS.items() if key.startswith(name)}
        manager.put_secret_value(SecretId=f"{prefix}/{name}", SecretString=json.dumps(content))


def stack() -> dict | None:
    stacks = client("cloudformation").describe_stacks()["Stacks"]
    return next((each for each in stacks if each["StackName"] == STACK), None)


def outputs() -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack()["Outputs"]}


def parameter(name: str) -> str:
    return next(each["ParameterValue"] for each in stack()["Parameters"] if each["ParameterKey"] == name)


def site() -> dict[str, dict]:
    """The files of the site as S3 would answer with them."""
    s3, bucket = client("s3"), outputs()["SiteBucketName"]
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {entry["Key"]: s3.get_object(Bucket=bucket, Key=entry["Key"]) for entry in listed}


def releases() -> list[str]:
    listed = client("s3").list_objects_v2(Bucket=RELEASES).get("Contents", [])
    return sorted(entry["Key"].split("/")[1] for entry in listed if entry["Key"].endswith("/release.json"))


def first_deployment(project, outside):
    """A stage that is deployed, with its secrets."""
    assert "infra/secrets staging" in project.run("deploy", "staging", "--yes", *outside.options()).said
    fill_secrets()
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    assert outcome.status == 0, outcome.said
    return outcome


def test_the_first_deployment_makes_the_stack_and_asks_for_the_secrets(project, outside):
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    assert outcome.status == 1
    assert "these secrets are missing: cargotech.phone, cargotech.password, telegram.bot_token" in outcome.said
    assert "Run infra/secrets staging, then this again" in outcome.said
    assert stack()["StackStatus"].endswith("_COMPLETE")
    assert "app/index.html" in site()
    # Nobody was told of a bot that cannot answer.
    assert not [call for call in project.calls() if call["arguments"][0] == "bot"]

    fill_secrets()
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    assert outcome.status == 0, outcome.said
    assert "is live." in outcome.said


def test_a_person_at_a_terminal_is_asked_for_all_of_it_in_one_go(project, outside):
    answers = {"right account": "yes", "these changes": "yes"} | SECRETS
    outcome = project.talk("deploy", "staging", *outside.options(), answers=answers)
    assert outcome.status == 0, outcome.said
    assert f"Account  {ACCOUNT} in {REGION}" in outcome.said
    assert "is live." in outcome.said
    for secret in SECRETS.values():
        assert secret not in outcome.said


def test_what_changes_is_shown_before_it_is_done(project, outside):
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    shown = outcome.said.index("The stack changes:")
    assert shown < outcome.said.index("Make these changes? yes (--yes)") < outcome.said.index(f"{STACK}: ")
    assert "Add" in outcome.said and "AppTable" in outcome.said and "AWS::DynamoDB::Table" in outcome.said


def test_the_site_has_its_types_and_its_cache_headers(project, outside):
    first_deployment(project, outside)
    files = site()
    assert set(files) == {
        "app/index.html",
        "app/r/index.html",
        "app/assets/index-00000001.js",
        "app/assets/index-styles01.css",
    }
    described = {name: (each["ContentType"], each["CacheControl"]) for name, each in files.items()}
    immutable = "public, max-age=31536000, immutable"
    assert described["app/index.html"] == ("text/html; charset=utf-8", "no-cache")
    assert described["app/r/index.html"] == ("text/html; charset=utf-8", "no-cache")
    assert described["app/assets/index-00000001.js"] == ("text/javascript; charset=utf-8", immutable)
    assert described["app/assets/index-styles01.css"] == ("text/css; charset=utf-8", immutable)
    # What a page names is there before the page.
    changed = {name: each["LastModified"] for name, each in files.items()}
    assert max(changed[name] for name in files if "assets" in name) <= min(
        changed[name] for name in files if name.endswith(".html")
    )


def test_a_site_without_a_name_of_its_own_has_cloudfronts_as_its_origin(project, outside):
    first_deployment(project, outside)
    assert outputs()["SiteUrl"].endswith(".cloudfront.net")
    assert parameter("WebappOrigin") == outputs()["SiteUrl"]
    environment = client("lambda").list_functions()["Functions"][0]["Environment"]["Variables"]
    assert environment["WEBAPP_ORIGIN"] == outputs()["SiteUrl"]


def test_telegram_is_told_of_the_bot_and_no_secret_is_an_argument(project, outside):
    outcome = first_deployment(project, outside)
    calls = [call for call in project.calls() if call["arguments"][:2] == ["bot", "set"]]
    assert len(calls) == 1
    wanted = ["--api", outputs()["ApiUrl"], "--app", outputs()["SiteUrl"], "--dispatch-chat", "-1001234567890"]
    assert calls[0]["arguments"][2:] == wanted
    assert calls[0]["telegram"]["TELEGRAM_BOT_TOKEN"] == SECRETS["telegram.bot_token"]
    assert calls[0]["telegram"]["TELEGRAM_WEBHOOK_SECRET"] == SECRETS["telegram.webhook_secret"]
    assert f"{outputs()['ApiUrl']}/webhooks/yookassa/<token>" in outcome.said
    assert "infra/secrets staging yookassa-address" in outcome.said
    assert f"{outputs()['SiteUrl']}/app/ is the address of the Mini App at @BotFather" in outcome.said
    assert "its link https://t.me/bot/app" in outcome.said
    for secret in SECRETS.values():
        assert secret not in outcome.said


def test_a_repetition_without_changes_changes_nothing(project, outside):
    first_deployment(project, outside)
    before, kept = stack(), releases()
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    assert outcome.status == 0, outcome.said
    assert "The stack does not change." in outcome.said and ", which is live" in outcome.said
    assert stack() == before
    assert releases() == kept
    assert len(kept) == 1


def test_every_function_is_of_the_release_and_the_release_before_it_is_kept(project, outside):
    first_deployment(project, outside)
    before = {each["FunctionName"]: each["CodeSha256"] for each in client("lambda").list_functions()["Functions"]}
    project.version("2")
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    assert outcome.status == 0, outcome.said
    modified = [line.split()[1] for line in outcome.said.splitlines() if line.startswith("  Modify")]
    assert len([name for name in modified if name.endswith("Function")]) == len(before)
    assert len(releases()) == 2
    functions = client("lambda").list_functions()["Functions"]
    changed = [each["FunctionName"] for each in functions if each["CodeSha256"] != before[each["FunctionName"]]]
    assert len(changed) == 1 and "MeFunction" in changed[0]
    # Lambda makes no version that is like the last one, so no two releases may look alike.
    assert {each["Environment"]["Variables"]["RELEASE"] for each in functions} == {releases()[1]}
    assert parameter("Release") == releases()[1]
    # Whoever has the app open still finds the files of the version before.
    assert {"app/assets/index-00000001.js", "app/assets/index-00000002.js"} <= set(site())


def test_a_rotated_proof_of_cloudfront_reaches_it_with_the_next_deployment(project, outside):
    first_deployment(project, outside)
    assert project.run("secret_values", "staging", "rotate-edge", "--yes").status == 0
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    assert outcome.status == 0, outcome.said
    assert [line.split()[1] for line in outcome.said.splitlines() if line.startswith("  Modify")] == ["Distribution"]


def test_a_dry_run_shows_the_changes_and_makes_none(project, outside):
    outcome = project.run("deploy", "staging", "--yes", "--dry-run")
    assert outcome.status == 0, outcome.said
    assert "AppTable" in outcome.said and "Dry run: nothing was changed." in outcome.said
    assert stack() is None
    assert client("s3").list_objects_v2(Bucket=RELEASES).get("Contents", []) == []
    assert client("dynamodb").list_tables()["TableNames"] == []

    first_deployment(project, outside)
    before, kept, files = stack(), releases(), set(site())
    project.version("2")
    outcome = project.run("deploy", "staging", "--yes", "--dry-run")
    assert outcome.status == 0 and "MeFunction" in outcome.said
    assert (stack(), releases(), set(site())) == (before, kept, files)
    waiting = client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    assert [each for each in waiting if each["ExecutionStatus"] == "AVAILABLE"] == []


def test_changes_that_a_person_does_not_want_are_not_made(project, outside):
    first_deployment(project, outside)
    before = stack()
    project.version("2")
    outcome = project.talk("deploy", "staging", answers={"right account": "yes", "these changes": "no"})
    assert outcome.status == 1 and "nothing was changed" in outcome.said
    assert stack() == before and len(releases()) == 1


def test_a_release_that_does_not_work_says_how_to_go_back(project, outside):
    first_deployment(project, outside)
    project.version("2")
    for fault, finding in [
        ("store", "the API serves and reaches its store"),
        ("policy", "the page comes with its files, its security policy and its cache headers"),
        ("origin", "the API refuses who goes past CloudFront"),
        ("webhook", "the webhooks refuse strangers"),
    ]:
        outside.broken.add(fault)
        outcome = project.run("deploy", "staging", "--yes", *outside.options())
        outside.broken.clear()
        assert outcome.status == 1
        assert f"FAILED  {finding}" in outcome.said, outcome.said
        assert "To go back: infra/deploy rollback staging" in outcome.said


def test_a_rollback_brings_the_release_before_back_with_its_site_and_its_parameters(project, outside):
    first_deployment(project, outside)
    code = {each["FunctionName"]: each["CodeSha256"] for each in client("lambda").list_functions()["Functions"]}
    write_stage(project.root, "staging", ACCOUNT, LogLevel="debug")
    project.version("2")
    assert project.run("deploy", "staging", "--yes", *outside.options()).status == 0
    assert parameter("LogLevel") == "debug"
    assert site()["app/index.html"]["Body"].read() == b'<script src="/app/assets/index-00000002.js"></script>'

    outcome = project.run("deploy", "rollback", "staging", "--yes", *outside.options())
    assert outcome.status == 0, outcome.said
    assert parameter("LogLevel") == "info"
    assert site()["app/index.html"]["Body"].read() == b'<script src="/app/assets/index-00000001.js"></script>'
    back = {each["FunctionName"]: each["CodeSha256"] for each in client("lambda").list_functions()["Functions"]}
    assert back == code

    outcome = project.run("deploy", "rollback", "staging", "--yes")
    assert outcome.status == 1 and "there is no release before the live one" in outcome.said


def test_alarms_that_are_on_stop_an_update_and_no_way_back(project, outside):
    first_deployment(project, outside)
    assert parameter("GuardedUpdate") == "true"
    project.version("2")
    assert project.run("deploy", "staging", "--yes", *outside.options()).status == 0
    alarm = f"{STACK}-new-version-fails"
    client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="an outage")

    project.version("3")
    before = stack()
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    assert outcome.status == 1 and alarm in outcome.said and "--despite-alarms" in outcome.said
    assert stack() == before and len(releases()) == 2
    outcome = project.run("deploy", "staging", "--yes", "--despite-alarms", *outside.options())
    assert outcome.status == 0, outcome.said
    assert parameter("GuardedUpdate") == "false"
    outcome = project.run("deploy", "rollback", "staging", "--yes", *outside.options())
    assert outcome.status == 0, outcome.said
    assert parameter("GuardedUpdate") == "false"

    client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="it is over")
    project.version("4")
    assert project.run("deploy", "staging", "--yes", *outside.options()).status == 0
    assert parameter("GuardedUpdate") == "true"


def test_what_a_failed_creation_leaves_is_named_with_the_commands_that_remove_it(cloud, monkeypatch):
    """moto fails no creation, so the stack is only described as one that failed."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.address)
    failed = Stack(Stage("staging", ACCOUNT, REGION, {}))
    left = [("AWS::DynamoDB::Table", "app-1", "DELETE_SKIPPED"), ("AWS::DynamoDB::Table", "cache-1", "DELETE_COMPLETE")]
    names = ("ResourceType", "PhysicalResourceId", "ResourceStatus")

    class Described:
        def describe_stacks(self, **_):
            return {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}

        def get_paginator(self, _):
            return self

        def paginate(self, **_):
            return [{"StackResourceSummaries": [dict(zip(names, each, strict=True)) for each in left]}]

    failed.cloudformation = Described()
    with pytest.raises(Stop) as stop:
        failed.draft({"TemplateURL": "https://template"}, {})
    commands = [line.strip() for line in str(stop.value).splitlines()[1:]]
    assert commands[0] == f"aws cloudformation delete-stack --stack-name {STACK} --region {REGION}"
    assert f"aws dynamodb delete-table --table-name app-1 --region {REGION}" == commands[-1]
    assert "--no-deletion-protection-enabled" in commands[2] and "cache-1" not in str(stop.value)


def test_a_bot_that_cannot_be_set_is_said(project, outside):
    project.run("deploy", "staging", "--yes", *outside.options())
    fill_secrets()
    project.environment["BOT_FAILS"] = "1"
    outcome = project.run("deploy", "staging", "--yes", *outside.options())
    assert outcome.status == 1 and "Telegram was not told of the bot" in outcome.said


def test_the_status_tells_how_a_stage_stands(project, outside):
    assert "not deployed" in project.run("deploy", "status", "staging").said
    project.run("deploy", "staging", "--yes", *outside.options())
    said = project.run("deploy", "status", "staging").said
    assert "Alarms   tell nobody" in said
    assert "Secrets  missing: cargotech.phone" in said and outputs()["ApiUrl"] in said
    assert "Deletion is refused" in said
    names = [each["AlarmName"] for each in composite_alarms()]
    assert len(names) == 2
    backend = cloudwatch_backends[ACCOUNT][REGION]
    backend.alarms[names[0]].update_state("an outage", "{}", "ALARM")
    client("cloudwatch").set_alarm_state(
        AlarmName=f"{STACK}-new-version-fails", StateValue="ALARM", StateReason="an outage"
    )
    fill_secrets()
    said = project.run("deploy", "status", "staging").said
    assert f"Alarms   {STACK}-new-version-fails, {names[0]}" in said
    assert "Secrets  all there" in said and f"Release  {releases()[0]}" in said and "Before   none" in said


def composite_alarms() -> list[dict]:
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["CompositeAlarm"])
    return [each for page in pages for each in page["CompositeAlarms"]]


def test_what_stands_in_us_east_1_is_made_there_and_its_logs_end(project, outside):
    write_stage(project.root, "staging", ACCOUNT, AlarmEmail="us@example.org", LogRetentionDays="14")
    first_deployment(project, outside)
    edge = client("cloudformation", "us-east-1").describe_stacks(StackName=f"{STACK}-edge")["Stacks"][0]
    assert edge["EnableTerminationProtection"] and stack()["EnableTerminationProtection"]
    logs = client("logs", "us-east-1")
    group = logs.describe_log_groups(logGroupNamePrefix=f"/aws/vendedlogs/{STACK}/cloudfront")["logGroups"][0]
    assert group["retentionInDays"] == 14
    delivery = logs.describe_deliveries()["deliveries"][0]
    assert "cs-uri-stem" in delivery["recordFields"] and "cs-uri-query" not in delivery["recordFields"]
    source = logs.describe_delivery_sources()["deliverySources"][0]
    assert source["resourceArns"][0].endswith(f"distribution/{outputs()['DistributionId']}")
    listeners = {each["Protocol"] for each in client("sns", "us-east-1").list_subscriptions()["Subscriptions"]}
    assert listeners == {"lambda", "email"}


def test_versions_that_an_undone_update_left_are_removed(cloud, monkeypatch):
    """Lambda would refuse the next try: it makes no version that is like the last."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.address)
    role = client("iam").create_role(RoleName="a", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = client("lambda")
    for name in ("one", "two"):
        functions.create_function(
            FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": b"zip"}
        )
        for text in ("live", "undone"):
            functions.update_function_configuration(FunctionName=name, Description=text)
            functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName="one", Name="live", FunctionVersion="1")
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    functions.create_alias(FunctionName="two", Name="live", FunctionVersion="1", RoutingConfig=weights)
    stage = Stage("staging", ACCOUNT, REGION, {})
    whole = Stack(stage)
    monkeypatch.setattr(whole, "functions", lambda: ["one", "two"])
    assert remove_old(stage, whole) == 1
    left = {
        name: {each["Version"] for each in functions.list_versions_by_function(FunctionName=name)["Versions"]}
        for name in ("one", "two")
    }
    assert left == {"one": {"$LATEST", "1"}, "two": {"$LATEST", "1", "2"}}


def with_index(template: str, name: str, key: str = "due") -> str:
    more = f"""        - IndexName: {name}
          KeySchema:
            - AttributeName: {key}
              KeyType: HASH
          Projection:
            ProjectionType: KEYS_ONLY
"""
    head = "      GlobalSecondaryIndexes:\n"
    assert template.count(head) == 1
    return template.replace(head, head + more)


def test_one_index_comes_or_goes_in_an_update():
    before = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert index_faults(before, before) == []
    one = with_index(before, "one")
    assert index_faults(before, one) == index_faults(one, before) == []
    assert "AppTable: one, two come or go" in index_faults(before, with_index(one, "two"))[0]
    assert "AppTable: one, two come or go" in index_faults(one, with_index(before, "two"))[0]
    assert "the index one cannot be changed" in index_faults(one, with_index(before, "one", "list"))[0]
    # A comment is no change.
    assert index_faults(before, before.replace("        # Sparse: what admins", "        # What admins")) == []


def test_two_indexes_at_once_are_refused_before_anything_changes(project, outside):
    first_deployment(project, outside)
    before = stack()
    text = (project.root / "template.yaml").read_text(encoding="utf-8")
    (project.root / "template.yaml").write_text(with_index(with_index(text, "one"), "two"), encoding="utf-8")
    for extra in ([], ["--dry-run"]):
        outcome = project.run("deploy", "staging", "--yes", *extra, *outside.options())
        assert outcome.status == 1 and "one, two come or go" in outcome.said, outcome.said
    assert stack() == before


def test_two_stages_in_one_account_do_not_meet(project, outside):
    first_deployment(project, outside)
    write_stage(project.root, "second", ACCOUNT)
    outcome = project.run("deploy", "second", "--yes", *outside.options())
    assert "Run infra/secrets second" in outcome.said, outcome.said
    fill_secrets("cargotech-driver-second")
    outcome = project.run("deploy", "second", "--yes", *outside.options())
    assert outcome.status == 0, outcome.said


def test_old_releases_are_dropped_and_ten_are_kept(cloud, monkeypatch):
    """The bucket alone, as twelve deployments leave it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.address)
    stage = Stage("staging", ACCOUNT, REGION, {})
    releases = Releases(stage)
    releases.prepare()
    for number in range(12):
        files = [SiteFile(f"assets/index-{number:0>8}.js", b"1"), SiteFile("index.html", b"%d" % number)]
        release = releases.draft(f"template {number}", [f"code/me-{number}.zip"], {}, files, "commit")
        releases.put_template(release, "template")
        releases.keep(release, {f"code/me-{number}.zip": b"zip"}, files)
        releases.set_current(release)
    client("s3").create_bucket(Bucket="site", CreateBucketConfiguration={"LocationConstraint": REGION})
    for number in range(12):
        upload(stage, "site", [SiteFile(f"assets/index-{number:0>8}.js", b"1")])
    kept = releases.prune(release)
    prune(stage, "site", kept)
    assert [each.code for each in kept] == [[f"code/me-{number}.zip"] for number in range(11, 1, -1)]
    assert len(releases.keys("code/")) == 10
    assert len({key.split("/")[1] for key in releases.keys("releases/")}) == 10
    left = client("s3").list_objects_v2(Bucket="site")["Contents"]
    assert [entry["Key"] for entry in left] == [f"app/assets/index-{number:0>8}.js" for number in range(2, 12)]
    # The last one that is kept has nothing behind it to go back to, and says so.
    with pytest.raises(Stop, match="no longer kept"):
        releases.get(kept[-1].follows)
