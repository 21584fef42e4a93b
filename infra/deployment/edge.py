"""What AWS has in us-east-1 alone: CloudFront's logs, and the age of its certificate. A small stack of its own."""

from .stack import Stack, shown
from .stage import ROOT, Stage

REGION = "us-east-1"


def stack_of(stage: Stage) -> Stack:
    return Stack(stage, "-edge", REGION)


def update(stage: Stage, outputs: dict[str, str], parameters: dict[str, str]) -> None:
    """Makes the stack, or what changes in it. It holds no data and stands after the other one, so nobody is asked."""
    if "AlarmsFunctionArn" not in outputs:
        print("Edge     left as it is: this release is from before it")
        return
    given = {
        "MainStack": stage.stack,
        "DistributionId": outputs["DistributionId"],
        "CertificateArn": parameters.get("CertificateArn", ""),
        "AlarmsFunctionArn": outputs["AlarmsFunctionArn"],
        "AlarmEmail": parameters.get("AlarmEmail", ""),
    }
    if "LogRetentionDays" in parameters:
        given["LogRetentionDays"] = parameters["LogRetentionDays"]
    stack = stack_of(stage)
    draft = stack.draft({"TemplateBody": (ROOT / "infra/edge.yaml").read_text(encoding="utf-8")}, given)
    if draft.changes:
        print(f"{REGION} changes:\n{shown(draft.changes)}")
        stack.execute(draft)
    stack.protect()
