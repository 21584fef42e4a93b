"""infra/deploy: what stops a deployment before anything is built or changed."""

import configparser
import re
from datetime import UTC, datetime, timedelta

from cloud import ACCOUNT, REGION, ROOT, client
from conftest import write_stage
from deployment import preflight
from deployment.build import declared_parameters


def test_another_account_than_the_stages_is_refused(project):
    write_stage(project.root, "production", "999999999999")
    for command in (["production", "--yes"], ["rollback", "production", "--yes"], ["status", "production"]):
        outcome = project.run("deploy", *command)
        assert outcome.status == 1
        assert "lives in the account 999999999999; nothing was done" in outcome.said
    assert client("s3").list_buckets()["Buckets"] == []
    assert not project.calls()


def test_whoever_says_no_to_the_account_is_left_alone(project):
    outcome = project.talk("deploy", "staging", answers={"right account": "no"})
    assert outcome.status == 1 and "stopped; nothing was done" in outcome.said
    assert client("s3").list_buckets()["Buckets"] == [] and not project.calls()


def test_nobody_to_ask_is_no_consent(project):
    outcome = project.run("deploy", "staging")
    assert outcome.status == 1 and "there is nobody to ask: say --yes" in outcome.said
    assert client("s3").list_buckets()["Buckets"] == []


def test_faults_are_found_before_anything_is_built(project):
    write_stage(project.root, "staging", ACCOUNT, DispatchChatId="", LogLevels="debug")
    outcome = project.run("deploy", "staging", "--yes")
    assert outcome.status == 1 and "sets what the template does not have: LogLevels" in outcome.said
    write_stage(project.root, "staging", ACCOUNT, DispatchChatId="")
    outcome = project.run("deploy", "staging", "--yes")
    assert outcome.status == 1 and "has no value for DispatchChatId" in outcome.said
    outcome = project.run("deploy", "nowhere", "--yes")
    assert outcome.status == 1 and "there is no stage 'nowhere'; there are: staging" in outcome.said
    assert not project.calls()


def test_alarms_that_tell_nobody_are_said_and_stop_production(project):
    said = "Alarms   tell nobody: the stage has neither AlarmEmail nor OperatorsChatId"
    assert said in project.run("deploy", "staging", "--yes", "--dry-run").said
    write_stage(project.root, "staging", ACCOUNT, OperatorsChatId="-1002", AlarmEmail="")
    assert said not in project.run("deploy", "staging", "--yes", "--dry-run").said

    calls = len(project.calls())
    write_stage(project.root, "production", ACCOUNT, AlarmEmail="", OperatorsChatId="")
    outcome = project.run("deploy", "production", "--yes", "--dry-run")
    assert outcome.status == 1 and "its alarms would tell nobody" in outcome.said
    assert len(project.calls()) == calls, "something was built for it"
    write_stage(project.root, "production", ACCOUNT, AlarmEmail="us@example.org")
    outcome = project.run("deploy", "production", "--yes", "--dry-run")
    assert outcome.status == 0, outcome.said


def test_the_stages_of_the_project_name_every_parameter_that_a_stage_needs():
    known = declared_parameters((ROOT / "template.yaml").read_text(encoding="utf-8"))
    needed = {name for name, default in known.items() if default is None} | {"AlarmEmail", "OperatorsChatId"}
    for path in (ROOT / "infra/stages").glob("*.ini"):
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        parser.read(path, encoding="utf-8")
        assert needed <= parser["parameters"].keys() <= known.keys(), path.name


def test_a_missing_or_old_tool_stops_it(project):
    project.environment["CARGO_VERSION"] = "cargo 1.0.0"
    outcome = project.run("deploy", "staging", "--yes")
    assert outcome.status == 1
    assert "cargo is 1.0, needed is 1.95 or newer" in outcome.said
    project.environment |= {
        "CARGO_VERSION": "cargo 1.95.0",
        "LAMBDA_VERSION": "cargo-lambda 1.9.1",
        "ZIG_VERSION": "0.16.0",
    }
    outcome = project.run("deploy", "staging", "--yes")
    assert outcome.status == 1 and "cargo-lambda is cargo-lambda 1.9.1, needed is 1.9.2" in outcome.said
    assert "ziglang is 0.16.0, needed is 0.15.2" in outcome.said
    project.environment |= {"LAMBDA_VERSION": "cargo-lambda 1.9.2", "ZIG_VERSION": "0.15.2", "NO_TARGET": "1"}
    outcome = project.run("deploy", "staging", "--yes")
    assert outcome.status == 1 and "rustup target add x86_64-unknown-linux-gnu" in outcome.said
    assert not [call for call in project.calls() if call["arguments"][:2] == ["lambda", "build"]]


def test_a_build_that_fails_leaves_the_account_alone(project):
    project.environment["BUILD_FAILS"] = "1"
    outcome = project.run("deploy", "staging", "--yes")
    assert outcome.status == 1 and "failed; nothing was deployed" in outcome.said
    assert client("s3").list_buckets()["Buckets"] == []


def test_programs_for_another_processor_are_refused(project):
    assert project.run("deploy", "staging", "--yes", "--dry-run").status == 0
    write_stage(project.root, "staging", ACCOUNT, Architecture="arm64")
    outcome = project.run("deploy", "staging", "--yes", "--skip-build")
    assert outcome.status == 1 and "was not built for arm64" in outcome.said


class Account:
    """What AWS would answer the preflight."""

    parameters: dict[str, str] = {"ApiCertificateArn": "arn:api"}
    region = REGION

    def __init__(self, **answers):
        self.answers = answers

    def client(self, _service, _region=None):
        return self

    def get_paginator(self, _):
        return self

    def __getattr__(self, name):
        return lambda **_: self.answers[name]


def test_an_account_that_cannot_take_it_is_told_before_the_build():
    new = Account(get_account_settings={"AccountLimit": {"ConcurrentExecutions": 10}})
    assert "Lambda runs 10 calls at a time" in preflight.concurrency_faults(new, {})[0]
    grown = Account(get_account_settings={"AccountLimit": {"ConcurrentExecutions": 1000}})
    assert (
        preflight.concurrency_faults(grown, {})
        == preflight.concurrency_faults(grown, {"ReservedConcurrency": "40"})
        == []
    )
    small = Account(get_account_settings={"AccountLimit": {"ConcurrentExecutions": 800}})
    assert "860 are needed" in preflight.concurrency_faults(small, {"ReservedConcurrency": "40"})[0]


def test_rights_that_are_missing_are_named():
    results = [{"EvalActionName": name, "EvalDecision": "allowed"} for name in preflight.actions()]
    results[3] |= {"EvalDecision": "implicitDeny"}
    taken = "arn:aws:sts::123456789012:assumed-role/deployer/me"
    account = Account(
        get_caller_identity={"Arn": taken},
        get_role={"Role": {"Arn": "arn:aws:iam::123456789012:role/path/deployer"}},
        paginate=[{"EvaluationResults": results}],
    )
    assert preflight.right_faults(account) == [
        f"arn:aws:iam::123456789012:role/path/deployer may not {preflight.actions()[3]}"
    ]


def test_a_certificate_that_ends_stops_a_deployment():
    ends = datetime.now(UTC) + timedelta(days=9, hours=1)
    account = Account(describe_certificate={"Certificate": {"NotAfter": ends}})
    assert preflight.certificate_faults(account) == ["the certificate of the API ends in 9 days"]
    assert preflight.certificates(account) == ["Cert     of the API is good for 9 days"]


def test_what_cannot_be_looked_at_is_said(project):
    said = project.run("deploy", "staging", "--yes", "--dry-run").said
    # moto knows neither of these.
    assert "Account  NOT CHECKED, the limit of Lambda" in said
    assert "Account  has no CloudFront distribution yet" in said


def test_the_list_of_rights_has_every_service_of_the_templates():
    known = {each.split(":")[0] for each in preflight.actions()}
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("template.yaml", "infra/edge.yaml")]
    services = {each for text in texts for each in re.findall(r"Type: AWS::(\w+)::", text)}
    names = {"ApiGatewayV2": "apigateway", "Serverless": "lambda"}
    assert {names.get(each, each.lower()) for each in services} <= known
    assert preflight.actions() == sorted(set(preflight.actions()))
