"""What has to hold in the account before a deployment, looked at before anything is built.

A limit that is too low stops it. What cannot be looked at is said and stops nothing: it may be a right that only the
look needs.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import botocore.exceptions

from .edge import REGION as EDGE_REGION
from .stage import Stage, Stop

# All functions together, and what Lambda keeps back when any of them is bounded. A new account has 10.
LEAST_CONCURRENCY = 100
FUNCTIONS = 19
UNRESERVABLE = 100
# Drivers could not open the app after that many days.
LEAST_DAYS = 14


def look(stage: Stage, parameters: dict[str, str]) -> None:
    """Stops when the account cannot take the deployment."""
    faults = []
    for name, found in (
        ("the limit of Lambda", lambda: concurrency_faults(stage, parameters)),
        ("CloudFront", lambda: distribution_warnings(stage)),
        ("our rights", lambda: right_faults(stage)),
        ("certificates", lambda: certificate_faults(stage)),
    ):
        faults += attempted(name, found)
    if faults:
        raise Stop("\n  ".join(["the account is not ready:", *faults]))


def attempted(name: str, found: Callable[[], list[str]]) -> list[str]:
    try:
        return found()
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError, KeyError) as error:
        reason = str(error).splitlines()[0]
        print(f"Account  NOT CHECKED, {name}: {reason[:160]}")
        return []


def concurrency_faults(stage: Stage, parameters: dict[str, str]) -> list[str]:
    limit = stage.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    reserved = FUNCTIONS * int(parameters.get("ReservedConcurrency", "0"))
    needed = reserved + UNRESERVABLE if reserved else LEAST_CONCURRENCY
    if limit >= needed:
        return []
    return [
        f"Lambda runs {limit} calls at a time in this account and {needed} are needed: ask for more (Service Quotas, "
        "Lambda, Concurrent executions)"
    ]


def distribution_warnings(stage: Stage) -> list[str]:
    """AWS does not tell whether an account may make distributions, only that it has made one."""
    if stage.client("cloudfront").list_distributions(MaxItems="1").get("DistributionList", {}).get("Quantity", 0) == 0:
        print(
            "Account  has no CloudFront distribution yet. A new account may have to be verified first: when the stack "
            "fails with 'Your account must be verified', ask AWS Support for it"
        )
    return []


def actions() -> list[str]:
    """What whoever deploys has to be allowed."""
    lines = (Path(__file__).parent / "permissions.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def right_faults(stage: Stage) -> list[str]:
    """IAM is asked what we may. A condition on a resource or a boundary of the organisation is not seen by this."""
    arn = stage.client("sts").get_caller_identity()["Arn"]
    if arn.endswith(":root"):
        return []
    # A session of a role is asked for as the role; IAM Identity Center keeps its roles below a path.
    taken = re.fullmatch(r"arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role/([^/]+)/.*", arn)
    if taken:
        arn = stage.client("iam").get_role(RoleName=taken[3])["Role"]["Arn"]
    pages = stage.client("iam").get_paginator("simulate_principal_policy")
    refused = [
        result["EvalActionName"]
        for page in pages.paginate(PolicySourceArn=arn, ActionNames=actions())
        for result in page["EvaluationResults"]
        if result["EvalDecision"] != "allowed"
    ]
    return [f"{arn} may not {', '.join(sorted(refused))}"] if refused else []


def ages(stage: Stage) -> list[tuple[str, int]]:
    """For how many days the certificates are still good."""
    found = []
    for name, parameter, region in (
        ("site", "CertificateArn", EDGE_REGION),
        ("API", "ApiCertificateArn", stage.region),
    ):
        arn = stage.parameters.get(parameter)
        if arn:
            certificate = stage.client("acm", region).describe_certificate(CertificateArn=arn)["Certificate"]
            if "NotAfter" in certificate:
                found.append((name, (certificate["NotAfter"] - datetime.now(UTC)).days))
    return found


def certificate_faults(stage: Stage) -> list[str]:
    return [f"the certificate of the {name} ends in {days} days" for name, days in ages(stage) if days < LEAST_DAYS]


def certificates(stage: Stage) -> list[str]:
    """Lines for a person."""
    return [f"Cert     of the {name} is good for {days} days" for name, days in ages(stage)]
