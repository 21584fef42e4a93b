"""template.yaml as AWS would make it: through the SAM translator, and into an account."""

import io
import json
import re
import zipfile
from collections import Counter

import pytest
from cloud import NOT_MADE, REGION, ROOT, can_make, client, translated
from deployment.build import pinned
from deployment.deploy import UNDOING_ALARMS

# One account for all of them.
pytestmark = pytest.mark.xdist_group("template")

PARAMETERS = {
    "TelegramAppUrl": "https://t.me/bot/app",
    "SupportUrl": "https://t.me/support",
    "DispatchChatId": "-1001234567890",
}
STACK = "whole"


def template() -> str:
    """The project's template with its code in a bucket."""
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    return re.sub(r"CodeUri: target/lambda/[a-z-]+/", "CodeUri: s3://code/code.zip", text)


@pytest.fixture(scope="module")
def resources(server):
    """The resources of the template after the transform, made in an account."""
    server.reset()
    s3 = client("s3")
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("bootstrap", "program")
    s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="code", Key="code.zip", Body=memory.getvalue())
    s3.put_object(Bucket="code", Key="template.yaml", Body=template().encode())
    cloudformation = client("cloudformation")
    name = {"StackName": STACK, "ChangeSetName": "first"}
    cloudformation.create_change_set(
        **name,
        ChangeSetType="CREATE",
        TemplateURL=f"https://code.s3.{REGION}.amazonaws.com/template.yaml",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.execute_change_set(**name)
    return translated(template(), PARAMETERS)["Resources"]


def of_type(resources: dict, kind: str) -> dict[str, dict]:
    return {
        name: each["Properties"] for name, each in resources.items() if each["Type"] == kind and "Condition" not in each
    }


def outputs() -> dict[str, str]:
    stack = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def test_every_type_is_made_or_listed_with_the_reason_why_not(resources):
    kinds = {each["Type"] for each in resources.values()}
    unknown = [kind for kind in kinds if not can_make(kind) and kind not in NOT_MADE]
    assert not unknown, f"neither made nor listed in cloud.NOT_MADE: {unknown}"
    assert not [kind for kind in NOT_MADE if kind not in kinds], "a reason for what the template no longer has"
    assert all(NOT_MADE.values())


def test_tables_have_their_indexes_their_recovery_and_their_time_to_live(resources):
    dynamodb = client("dynamodb")
    app = dynamodb.describe_table(TableName=outputs()["AppTableName"])["Table"]
    declared = resources["AppTable"]["Properties"]["GlobalSecondaryIndexes"]
    assert {index["IndexName"]: index["KeySchema"] for index in app["GlobalSecondaryIndexes"]} == {
        index["IndexName"]: index["KeySchema"] for index in declared
    }
    assert app["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST" and app["DeletionProtectionEnabled"]
    backups = dynamodb.describe_continuous_backups(TableName=outputs()["AppTableName"])["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    life = dynamodb.describe_time_to_live(TableName=outputs()["CacheTableName"])["TimeToLiveDescription"]
    assert life == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_queues_have_their_dead_letters_and_their_functions(resources):
    sqs, functions = client("sqs"), client("lambda")
    queues = {}
    for url in sqs.list_queues()["QueueUrls"]:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        queues[attributes["QueueArn"]] = attributes
    assert len(queues) == len(of_type(resources, "AWS::SQS::Queue"))
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    assert len(mappings) == len(of_type(resources, "AWS::Lambda::EventSourceMapping")) == 2
    for mapping in mappings:
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        redrive = json.loads(queues[mapping["EventSourceArn"]]["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"] in queues and int(redrive["maxReceiveCount"]) >= 5


def test_every_function_has_its_own_role_its_log_and_its_environment(resources):
    functions = client("lambda").list_functions()["Functions"]
    assert len(functions) == len(of_type(resources, "AWS::Lambda::Function"))
    assert len({each["Role"] for each in functions}) == len(functions)
    groups = {each["logGroupName"]: each for each in client("logs").describe_log_groups()["logGroups"]}
    assert len(groups) == len(functions) + 1 and all(each.get("retentionInDays") for each in groups.values())
    for each in functions:
        assert each["Environment"]["Variables"]["APP_TABLE"] == outputs()["AppTableName"]
        role = each["Role"].rsplit("/", 1)[1]
        iam = client("iam")
        assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
        (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        # All references were found: what is left of one would be its text.
        assert "Fn::" not in json.dumps(document) and "${" not in json.dumps(document)


def test_secrets_that_are_ours_are_made_up_and_the_others_are_empty(resources):
    manager = client("secretsmanager")
    names = {each["Name"].rsplit("/", 1)[1]: each["ARN"] for each in manager.list_secrets()["SecretList"]}
    assert len(names) == len(of_type(resources, "AWS::SecretsManager::Secret"))
    for name, key in (("session", "current"), ("access", "key"), ("edge", "origin_token")):
        content = json.loads(manager.get_secret_value(SecretId=names[name])["SecretString"])
        assert len(content[key]) >= 32
    for name in ("cargotech", "telegram", "yookassa"):
        with pytest.raises(manager.exceptions.ResourceNotFoundException):
            manager.get_secret_value(SecretId=names[name])


def test_every_route_of_the_template_reaches_its_function(resources):
    gateway = client("apigatewayv2")
    api = outputs()["ApiUrl"].split("//")[1].split(".")[0]
    integrations = {
        each["IntegrationId"]: each for each in gateway.get_integrations(ApiId=api, MaxResults="500")["Items"]
    }
    routes = gateway.get_routes(ApiId=api, MaxResults="500")["Items"]
    declared = re.findall(
        r"Type: HttpApi\n\s+Properties:\n\s+ApiId: !Ref Api\n\s+Method: (\w+)\n\s+Path: (\S+)", template()
    )
    key = {"ANY": "X-AMAZON-APIGATEWAY-ANY-METHOD"}
    assert {each["RouteKey"] for each in routes} == {f"{key.get(method, method)} {path}" for method, path in declared}
    for each in routes:
        integration = integrations[each["Target"].split("/")[1]]
        assert integration["PayloadFormatVersion"] == "2.0" and "function:" in integration["IntegrationUri"]


def test_alarms_and_schedules_are_made(resources):
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [each for page in pages for each in page["MetricAlarms"]]
    declared = of_type(resources, "AWS::CloudWatch::Alarm")
    assert len(alarms) == len(declared)
    composed = [each for page in pages for each in page.get("CompositeAlarms", [])]
    assert len(composed) == len(of_type(resources, "AWS::CloudWatch::CompositeAlarm"))
    # Two stacks in one account count apart, and each alarm looks at its own stack's metrics.
    functions = client("lambda").list_functions()["Functions"]
    counted_in = {each["Environment"]["Variables"]["METRICS_NAMESPACE"] for each in functions}
    assert counted_in == {f"CargoTechDriver/{STACK}"}
    watched_in = {each["Namespace"] for each in alarms if each.get("Namespace")}
    assert counted_in < watched_in and all(each in counted_in or each.startswith("AWS/") for each in watched_in)
    telling = [each for each in declared.values() if "AlarmActions" in each]
    assert len([each for each in alarms if each["AlarmActions"] == [outputs()["AlarmTopicArn"]]]) == len(telling) > 0
    names = {each["AlarmName"] for each in alarms}
    groups = of_type(resources, "AWS::CodeDeploy::DeploymentGroup").values()
    undoing = {
        each["Name"]["Fn::Sub"].replace("${AWS::StackName}", STACK)
        for group in groups
        for each in group["AlarmConfiguration"]["Alarms"]
    }
    assert undoing == {f"{STACK}-{name}" for name in UNDOING_ALARMS} <= names
    scheduler = client("scheduler")
    names = [each["Name"] for each in scheduler.list_schedules()["Schedules"]]
    assert len(names) == len(of_type(resources, "AWS::Scheduler::Schedule"))
    queues = Counter()
    for name in names:
        assert name.startswith(f"{STACK}-"), "two stacks in one account would have schedules of one name"
        target = scheduler.get_schedule(Name=name)["Target"]
        assert "job" in json.loads(target["Input"]) and "RetryPolicy" in target
        queues[target["DeadLetterConfig"]["Arn"]] += 1
    assert len(queues) == 1


def test_the_site_is_read_by_cloudfront_which_passes_the_api_on(resources):
    cloudfront = client("cloudfront")
    identity = outputs()["DistributionId"]
    config = cloudfront.get_distribution(Id=identity)["Distribution"]["DistributionConfig"]
    origins = {each["Id"]: each for each in config["Origins"]["Items"]}
    assert origins["site"]["DomainName"].startswith(outputs()["SiteBucketName"])
    assert origins["api"]["DomainName"] == outputs()["ApiUrl"].removeprefix("https://")
    assert origins["api"]["CustomHeaders"]["Items"][0]["HeaderName"] == "x-origin-token"


def test_callers_reach_a_version_behind_an_alias_and_a_changed_setting_makes_a_new_one(resources):
    aliases = of_type(resources, "AWS::Lambda::Alias")
    assert len(aliases) == len(of_type(resources, "AWS::Lambda::Function"))
    # Only what drivers call is shared out, and every version goes with the update that made it.
    shared = [name for name in aliases if "CodeDeployLambdaAliasUpdate" in resources[name].get("UpdatePolicy", {})]
    assert len(shared) == len(of_type(resources, "AWS::CodeDeploy::DeploymentGroup")) == 13
    made = [each for each in resources.values() if each["Type"] == "AWS::Lambda::Version"]
    assert len(made) == len(aliases) and {each["DeletionPolicy"] for each in made} == {"Delete"}
    for mapping in client("lambda").list_event_source_mappings()["EventSourceMappings"]:
        # moto keeps the version that the alias stood for.
        assert mapping["FunctionArn"].endswith(":1")

    def versions(**changed: str) -> set[str]:
        parameters = PARAMETERS | changed
        made = translated(pinned(template(), parameters), parameters)["Resources"]
        return {name for name, each in made.items() if each["Type"] == "AWS::Lambda::Version"}

    before = versions()
    assert versions() == before
    for name, value in [
        ("LogLevel", "debug"),
        ("Release", "20261201-080000-0a1b2c3d"),
        ("DispatchChatId", "-1002"),
        ("WebappOrigin", "https://app.example.org"),
    ]:
        after = versions(**{name: value})
        assert len(after) == len(before) and not after & before, f"{name} does not reach the functions"


def test_an_unguarded_update_goes_past_codedeploy_and_makes_no_other_versions(resources):
    guarded, unguarded = (
        translated(template(), PARAMETERS | {"GuardedUpdate": value})["Resources"] for value in ("true", "false")
    )
    assert not [each for each in unguarded.values() if each["Type"].startswith("AWS::CodeDeploy::")]
    aliases = of_type(unguarded, "AWS::Lambda::Alias")
    assert aliases and not [name for name in aliases if "UpdatePolicy" in unguarded[name]]
    assert of_type(guarded, "AWS::Lambda::Version").keys() == of_type(unguarded, "AWS::Lambda::Version").keys()


def test_every_environment_that_depends_on_a_parameter_is_pinned(resources):
    whole = pinned(template(), PARAMETERS)
    environment = whole.split("\nGlobals:\n")[1].split("\nResources:\n")[0].split("      Variables:\n")[1]
    left = set(re.findall(r"!Ref (\w+)", environment))
    assert left and left <= resources.keys(), "a reference to a parameter is left"
    assert 'DISPATCH_CHAT_ID: "-1001234567890"' in environment and 'LOG_LEVEL: "info"' in environment
    # Functions with variables of their own would need the same.
    assert "Environment:" not in whole.split("\nResources:\n")[1]
