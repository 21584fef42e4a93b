"""An AWS account on one machine: moto as a server, with what its CloudFormation lacks.

moto's CloudFormation knows neither the SAM transform nor most of our resource types. Here the transform is done by
AWS's own translator, and each missing type is made through moto's API for it by boto3, which refuses properties that
AWS does not know. What moto cannot make at all is in NOT_MADE, with the reason; a type that is in none of these lists
fails.
"""

import json
import os
import sys
import urllib.request
import uuid
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
ACCOUNT = "123456789012"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
os.environ |= CREDENTIALS
os.environ.pop("AWS_PROFILE", None)
sys.path.insert(0, str(ROOT / "infra"))

import boto3  # noqa: E402
from moto.cloudformation import models as cloudformation  # noqa: E402
from moto.cloudformation import parsing  # noqa: E402
from moto.cloudformation.responses import CloudFormationResponse  # noqa: E402
from moto.cloudwatch.models import cloudwatch_backends  # noqa: E402
from moto.core.common_models import CloudFormationModel  # noqa: E402
from moto.core.responses import ActionResult  # noqa: E402
from moto.iam.responses import IamResponse  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

# Types that moto cannot make, and what therefore stays unproved here.
NOT_MADE = {
    "AWS::ApiGatewayV2::ApiMapping": "moto cannot make it from a template; it is made with ApiDomainName alone",
    "AWS::ApiGatewayV2::DomainName": "as ApiMapping; tests/template checks what they are made of",
    "AWS::Backup::BackupPlan": "it is made with BackupVaultArn alone; tests/template checks what it is made of",
    "AWS::Backup::BackupSelection": "as BackupPlan",
    "AWS::Backup::BackupVault": "as BackupPlan",
    "AWS::CloudFront::ResponseHeadersPolicy": "moto has no such API; tests/template checks the headers themselves",
}


class NoManagedPolicies:
    """SAM's managed policies by name: no function of ours uses one."""

    def load(self):
        return {}


@lru_cache(maxsize=64)
def translated_text(template: str, parameters: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(translated(template, dict(parameters)))


def translated(template: str, parameters: dict[str, str]) -> dict:
    """The template as CloudFormation has it after the transform, with the parameters put in."""
    parsed = yaml_parse(template)
    if "Transform" not in parsed:
        return parsed
    values = {name: str(each["Default"]) for name, each in parsed["Parameters"].items() if "Default" in each}
    values |= parameters
    result = transform(parsed, dict(values), NoManagedPolicies())
    # moto sees a change of a resource only in its text, so a parameter has to be part of it.
    result["Resources"] = with_values(result["Resources"], values)
    return result


def with_values(node, values: dict[str, str]):
    if isinstance(node, dict):
        if len(node) == 1 and isinstance(node.get("Ref"), str) and node["Ref"] in values:
            return values[node["Ref"]]
        return {key: with_values(inner, values) for key, inner in node.items()}
    if isinstance(node, list):
        return [with_values(inner, values) for inner in node]
    return node


create_change_set = cloudformation.CloudFormationBackend.create_change_set


def create_translated_change_set(self, stack_name, change_set_name, template, parameters, *rest, **more):
    """As CloudFormation does it: the transform first."""
    text = translated_text(template, tuple(sorted(parameters.items())))
    return create_change_set(self, stack_name, change_set_name, text, parameters, *rest, **more)


execute_change_set = cloudformation.CloudFormationBackend.execute_change_set


def execute_whole_change_set(self, change_set_name, stack_name=None):
    """moto forgets the outputs and the parameters of a stack that is made or changed by a change set."""
    execute_change_set(self, change_set_name, stack_name)
    change_set = self.describe_change_set(change_set_name)
    stack = self.stacks[change_set.stack_id]
    stack.template_dict = change_set.template_dict
    stack.parameters = change_set.parameters
    stack.output_map = stack._create_output_map()


def update_termination_protection(self) -> ActionResult:
    """moto makes stacks with it and cannot switch it on later."""
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_bool_param("EnableTerminationProtection")
    return ActionResult({"StackId": stack.stack_id})


CloudFormationResponse.update_termination_protection = update_termination_protection


def simulate_principal_policy(self) -> ActionResult:
    """moto judges no policies: here everybody may everything."""
    asked = self._get_param("ActionNames", [])
    return ActionResult({"EvaluationResults": [{"EvalActionName": each, "EvalDecision": "allowed"} for each in asked]})


IamResponse.simulate_principal_policy = simulate_principal_policy


def parsed_change_set(self) -> None:
    self.template_dict = json.loads(self.template)


# moto reads a template as YAML first, which takes most of a second, several times for each change.
cloudformation.ChangeSet._parse_template = parsed_change_set
cloudformation.Stack.parse_template = staticmethod(json.loads)
cloudformation.CloudFormationBackend.create_change_set = create_translated_change_set
cloudformation.CloudFormationBackend.execute_change_set = execute_whole_change_set


def client(service: str, region: str | None = None):
    return boto3.client(service, region_name=region or Cloud.making_in, endpoint_url=Cloud.address)


@dataclass
class Made:
    """A resource: its `Ref` and its attributes."""

    ref: str
    attributes: dict[str, str]


def made_table(properties: dict, name: str) -> Made:
    dynamodb = client("dynamodb")
    recovery = properties.pop("PointInTimeRecoverySpecification", None)
    life = properties.pop("TimeToLiveSpecification", None)
    # The API names the switch otherwise.
    encryption = {"Enabled": properties.pop("SSESpecification")["SSEEnabled"]}
    answer = dynamodb.create_table(TableName=name, SSESpecification=encryption, **numbers(properties))
    if recovery:
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if life:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=life)
    return Made(name, {"Arn": answer["TableDescription"]["TableArn"]})


def made_secret(properties: dict, _: str) -> Made:
    manager = client("secretsmanager")
    generate = properties.pop("GenerateSecretString", None)
    if generate:
        content = json.loads(generate.pop("SecretStringTemplate"))
        key = generate.pop("GenerateStringKey")
        content[key] = manager.get_random_password(**generate)["RandomPassword"]
        properties["SecretString"] = json.dumps(content)
    return Made(manager.create_secret(**properties)["ARN"], {})


def made_alarm(properties: dict, name: str) -> Made:
    properties.setdefault("AlarmName", name)
    properties["ActionsEnabled"] = properties.get("ActionsEnabled", "true") == "true"
    client("cloudwatch").put_metric_alarm(**numbers(properties))
    return Made(
        properties["AlarmName"], {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{properties['AlarmName']}"}
    )


def made_composite_alarm(properties: dict, name: str) -> Made:
    # moto keeps them and tells of them, but its API takes none.
    cloudwatch_backends[ACCOUNT][Cloud.making_in].put_metric_alarm(
        name=name,
        namespace="",
        metric_name="",
        comparison_operator="",
        evaluation_periods=1,
        period=60,
        threshold=0,
        statistic="",
        description=properties["AlarmDescription"],
        dimensions=[],
        alarm_actions=properties["AlarmActions"],
        rule=properties["AlarmRule"],
    )
    return Made(name, {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"})


def made_budget(properties: dict, name: str) -> Made:
    budget = properties["Budget"]
    limit = {key: str(value) for key, value in budget["BudgetLimit"].items()}
    client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget=budget | {"BudgetLimit": limit},
        NotificationsWithSubscribers=numbers(properties["NotificationsWithSubscribers"]),
    )
    return Made(budget["BudgetName"], {})


def made_delivery_source(properties: dict, _: str) -> Made:
    client("logs").put_delivery_source(
        name=properties["Name"], resourceArn=properties["ResourceArn"], logType=properties["LogType"]
    )
    return Made(properties["Name"], {})


def made_delivery_destination(properties: dict, _: str) -> Made:
    answer = client("logs").put_delivery_destination(
        name=properties["Name"],
        outputFormat=properties["OutputFormat"],
        deliveryDestinationConfiguration={"destinationResourceArn": properties["DestinationResourceArn"]},
    )
    return Made(properties["Name"], {"Arn": answer["deliveryDestination"]["arn"]})


def made_delivery(properties: dict, _: str) -> Made:
    answer = client("logs").create_delivery(
        deliverySourceName=properties["DeliverySourceName"],
        deliveryDestinationArn=properties["DeliveryDestinationArn"],
        recordFields=properties["RecordFields"],
    )
    return Made(answer["delivery"]["id"], {})


def made_dashboard(properties: dict, name: str) -> Made:
    properties.setdefault("DashboardName", name)
    client("cloudwatch").put_dashboard(**properties)
    return Made(properties["DashboardName"], {})


def made_schedule(properties: dict, _: str) -> Made:
    client("scheduler").create_schedule(**numbers(properties))
    return Made(properties["Name"], {})


def made_api(properties: dict, name: str) -> Made:
    # moto imports into an API only, it does not make one of it.
    gateway = client("apigatewayv2")
    answer = gateway.create_api(Name=name, ProtocolType="HTTP")
    gateway.reimport_api(ApiId=answer["ApiId"], Body=json.dumps(properties["Body"]), FailOnWarnings=True)
    return Made(answer["ApiId"], {"ApiEndpoint": f"https://{answer['ApiId']}.execute-api.{REGION}.amazonaws.com"})


def made_stage(properties: dict, _: str) -> Made:
    properties = numbers(properties)
    properties["AutoDeploy"] = bool(properties.get("AutoDeploy"))
    client("apigatewayv2").create_stage(**properties)
    return Made(properties["StageName"], {})


def made_distribution(properties: dict, name: str) -> Made:
    config = counted(properties["DistributionConfig"]) | {"CallerReference": name}
    for origin in config["Origins"]["Items"]:
        headers = origin.pop("OriginCustomHeaders", None)
        if headers:
            origin["CustomHeaders"] = headers
        custom = origin.get("CustomOriginConfig")
        if custom:
            origin["CustomOriginConfig"] = {
                "HTTPPort": 80,
                "HTTPSPort": 443,
                "OriginProtocolPolicy": custom["OriginProtocolPolicy"],
                "OriginSslProtocols": custom["OriginSSLProtocols"],
            }
    certificate = config.get("ViewerCertificate", {})
    if "AcmCertificateArn" in certificate:
        config["ViewerCertificate"] = {
            "ACMCertificateArn": certificate["AcmCertificateArn"],
            "MinimumProtocolVersion": certificate["MinimumProtocolVersion"],
            "SSLSupportMethod": certificate["SslSupportMethod"],
        }
    config["IsIPV6Enabled"] = config.pop("IPV6Enabled")
    answer = client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]
    return Made(answer["Id"], {"DomainName": answer["DomainName"]})


def counted(node):
    """CloudFormation's lists as CloudFront's API has them: with their length."""
    if isinstance(node, list):
        return {"Quantity": len(node), "Items": [counted(each) for each in node]}
    if not isinstance(node, dict):
        return node
    return {key: counted(value) for key, value in node.items()}


def made_access_control(properties: dict, _: str) -> Made:
    config = properties["OriginAccessControlConfig"]
    answer = client("cloudfront").create_origin_access_control(OriginAccessControlConfig=config)
    identity = answer["OriginAccessControl"]["Id"]
    return Made(identity, {"Id": identity})


def made_edge_function(properties: dict, _: str) -> Made:
    answer = client("cloudfront").create_function(
        Name=properties["Name"],
        FunctionConfig=properties["FunctionConfig"],
        FunctionCode=properties["FunctionCode"].encode(),
    )
    arn = answer["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    return Made(arn, {"FunctionMetadata.FunctionARN": arn, "FunctionARN": arn})


def made_subscription(properties: dict, _: str) -> Made:
    return Made(client("sns").subscribe(**properties, ReturnSubscriptionArn=True)["SubscriptionArn"], {})


def made_topic_policy(properties: dict, name: str) -> Made:
    for topic in properties["Topics"]:
        client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(properties["PolicyDocument"])
        )
    return Made(name, {})


def made_bucket_policy(properties: dict, name: str) -> Made:
    # moto refuses by a statement without reading its condition, so "no plain http" would refuse everybody.
    document = dict(properties["PolicyDocument"])
    document["Statement"] = [each for each in document["Statement"] if each["Effect"] == "Allow"]
    client("s3").put_bucket_policy(Bucket=properties["Bucket"], Policy=json.dumps(document))
    return Made(name, {})


def made_version(properties: dict, _: str) -> Made:
    answer = client("lambda").publish_version(**properties)
    return Made(answer["FunctionArn"], {"Version": answer["Version"]})


def made_alias(properties: dict, _: str) -> Made:
    return Made(client("lambda").create_alias(**properties)["AliasArn"], {})


def made_invoke_config(properties: dict, name: str) -> Made:
    client("lambda").put_function_event_invoke_config(**numbers(properties))
    return Made(name, {})


def made_code_application(properties: dict, name: str) -> Made:
    client("codedeploy").create_application(applicationName=name, computePlatform=properties["ComputePlatform"])
    return Made(name, {})


def made_deployment_group(properties: dict, name: str) -> Made:
    lower = {key[0].lower() + key[1:]: lowered(value) for key, value in properties.items()}
    client("codedeploy").create_deployment_group(deploymentGroupName=name, **lower)
    return Made(name, {})


def lowered(node):
    """CloudFormation's names as CodeDeploy's API has them."""
    if isinstance(node, dict):
        return {key[0].lower() + key[1:]: lowered(value) for key, value in node.items()}
    return [lowered(each) for each in node] if isinstance(node, list) else node


def numbers(node):
    """Parameters come as text; CloudFormation turns them into numbers where the property is one."""
    if isinstance(node, dict) and node.keys() == {"Name", "Value"}:
        # A dimension of a metric: what it names may be a number, and is text.
        return node
    if isinstance(node, dict):
        return {key: numbers(value) for key, value in node.items()}
    if isinstance(node, list):
        return [numbers(each) for each in node]
    if isinstance(node, str) and node.isdigit() and len(node) < 10:
        return int(node)
    return node


MAKERS = {
    "AWS::Lambda::EventInvokeConfig": made_invoke_config,
    "AWS::DynamoDB::Table": made_table,
    "AWS::SecretsManager::Secret": made_secret,
    "AWS::CloudWatch::Alarm": made_alarm,
    "AWS::CloudWatch::CompositeAlarm": made_composite_alarm,
    "AWS::CloudWatch::Dashboard": made_dashboard,
    "AWS::Budgets::Budget": made_budget,
    "AWS::Logs::Delivery": made_delivery,
    "AWS::Logs::DeliveryDestination": made_delivery_destination,
    "AWS::Logs::DeliverySource": made_delivery_source,
    "AWS::Scheduler::Schedule": made_schedule,
    "AWS::ApiGatewayV2::Api": made_api,
    "AWS::ApiGatewayV2::Stage": made_stage,
    "AWS::CloudFront::Distribution": made_distribution,
    "AWS::CloudFront::OriginAccessControl": made_access_control,
    "AWS::CloudFront::Function": made_edge_function,
    "AWS::SNS::Subscription": made_subscription,
    "AWS::SNS::TopicPolicy": made_topic_policy,
    "AWS::S3::BucketPolicy": made_bucket_policy,
    "AWS::Lambda::Alias": made_alias,
    "AWS::Lambda::Version": made_version,
    "AWS::CodeDeploy::Application": made_code_application,
    "AWS::CodeDeploy::DeploymentGroup": made_deployment_group,
}
MAKERS |= {kind: lambda properties, name: Made(name, {"Arn": name}) for kind in NOT_MADE}


def provider(kind: str, make) -> type[CloudFormationModel]:
    """Teaches moto's CloudFormation a type."""

    class Provided(CloudFormationModel):
        # moto finds the service of a model by its module.
        __module__ = "moto.cloudformation.provided"

        def __init__(self, made: Made):
            self.made = made

        @property
        def physical_resource_id(self) -> str:
            return self.made.ref

        @staticmethod
        def cloudformation_name_type() -> str:
            return ""

        @staticmethod
        def cloudformation_type() -> str:
            return kind

        @classmethod
        def has_cfn_attr(cls, attr: str) -> bool:
            return True

        def get_cfn_attribute(self, attribute_name: str):
            return self.made.attributes[attribute_name]

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            name = f"{resource_name[:40]}-{uuid.uuid4().hex[:8]}"
            Cloud.making_in = region_name
            try:
                return cls(make(dict(cloudformation_json.get("Properties", {})), name))
            finally:
                Cloud.making_in = REGION

        @classmethod
        def update_from_cloudformation_json(
            cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
        ):
            return original_resource

        @classmethod
        def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
            return None

    Provided.__name__ = kind.replace("::", "")
    return Provided


PROVIDERS = [provider(kind, make) for kind, make in MAKERS.items()]
parsing.get_model_map.cache_clear()


def can_make(kind: str) -> bool:
    """Whether this account makes such a resource, by itself or by moto's CloudFormation."""
    return kind not in NOT_MADE and kind in parsing.get_model_map()


class Cloud:
    """The account, as a server."""

    address = ""
    # Where resources are made: a stack's region while it is made or changed.
    making_in = REGION

    def __init__(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)

    def __enter__(self):
        self.server.start()
        host, port = self.server.get_host_and_port()
        Cloud.address = f"http://{host}:{port}"
        return self

    def __exit__(self, *_):
        self.server.stop()

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to talk to this account instead of AWS."""
        return CREDENTIALS | {"AWS_ENDPOINT_URL": Cloud.address}

    def reset(self) -> None:
        """An empty account again."""
        urllib.request.urlopen(urllib.request.Request(f"{Cloud.address}/moto-api/reset", method="POST")).read()
