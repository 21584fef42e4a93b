"""The CloudFormation stacks of a stage: what would change, and the change."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import botocore.exceptions

from .stage import Stage, Stop

UNCHANGED = ("didn't contain changes", "No updates are to be performed")
# These hold what cannot be made again.
PRECIOUS = ("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::S3::Bucket")


@dataclass(frozen=True)
class ChangeSet:
    """What an update of the stack would do. Empty when nothing."""

    name: str
    creates_stack: bool
    changes: list[dict]


class Stack:
    """The stack; with a suffix and a region, another of the same stage."""

    def __init__(self, stage: Stage, suffix: str = "", region: str | None = None):
        self.name = stage.stack + suffix
        self.region = region or stage.region
        self.cloudformation = stage.client("cloudformation", self.region)

    def description(self) -> dict | None:
        """As CloudFormation describes it; None while it is only thought of."""
        try:
            stack = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except botocore.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if stack["StackStatus"] == "REVIEW_IN_PROGRESS" else stack

    def outputs(self) -> dict[str, str]:
        stack = self.description() or {}
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def remains(self) -> list[str]:
        """The commands that remove what a failed creation has left: the stack, and the table, which keeps itself."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        tables = [
            resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::DynamoDB::Table" and resource["ResourceStatus"] == "DELETE_SKIPPED"
        ]
        commands = [
            f"aws cloudformation {what} --stack-name {self.name}"
            for what in ("delete-stack", "wait stack-delete-complete")
        ]
        for table in tables:
            commands += [
                f"aws dynamodb update-table --no-deletion-protection-enabled --table-name {table}",
                f"aws dynamodb wait table-exists --table-name {table}",
                f"aws dynamodb delete-table --table-name {table}",
            ]
        return [f"{command} --region {self.region}" for command in commands]

    def functions(self) -> list[str]:
        """The names of its functions."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [
            resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::Lambda::Function" and "PhysicalResourceId" in resource
        ]

    def protect(self) -> None:
        """Nobody deletes it without lifting this first."""
        self.cloudformation.update_termination_protection(StackName=self.name, EnableTerminationProtection=True)

    def draft(self, template: dict[str, str], parameters: dict[str, str]) -> ChangeSet:
        """Asks CloudFormation what would change; `template` is a `TemplateURL` or a `TemplateBody`."""
        stack = self.description()
        status = stack["StackStatus"] if stack else None
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED"):
            raise Stop(
                "\n  ".join(
                    [f"the first deployment of {self.name} failed. Run this, then deploy again:", *self.remains()]
                )
            )
        if status and not status.endswith("_COMPLETE"):
            raise Stop(f"{self.name} is {status}: wait for its end, or repair it in the console")
        name = f"deploy-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
        self.cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=name,
            ChangeSetType="UPDATE" if stack else "CREATE",
            **template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in sorted(parameters.items())],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        while True:
            answer = self.cloudformation.describe_change_set(StackName=self.name, ChangeSetName=name)
            if answer["Status"] == "CREATE_COMPLETE":
                break
            if answer["Status"] == "FAILED":
                reason = answer.get("StatusReason", "")
                self.drop(ChangeSet(name, not stack, []))
                if any(text in reason for text in UNCHANGED):
                    return ChangeSet(name, False, [])
                raise Stop(f"CloudFormation refuses the template: {reason}")
            time.sleep(1)
        changes = answer.get("Changes", [])
        while answer.get("NextToken"):
            answer = self.cloudformation.describe_change_set(
                StackName=self.name, ChangeSetName=name, NextToken=answer["NextToken"]
            )
            changes += answer.get("Changes", [])
        return ChangeSet(name, not stack, [change["ResourceChange"] for change in changes])

    def drop(self, draft: ChangeSet) -> None:
        """Forgets a change set, and the empty stack that it made when there was none."""
        self.cloudformation.delete_change_set(StackName=self.name, ChangeSetName=draft.name)
        if draft.creates_stack:
            self.cloudformation.delete_stack(StackName=self.name)

    def execute(self, draft: ChangeSet) -> None:
        """Makes the change and waits for its end. When it fails, CloudFormation has brought back what was."""
        started = datetime.now(UTC)
        self.cloudformation.execute_change_set(StackName=self.name, ChangeSetName=draft.name)
        print(f"{self.name}: ", end="", flush=True)
        while True:
            stack = self.description()
            status = stack["StackStatus"] if stack else "REVIEW_IN_PROGRESS"
            if not status.endswith("IN_PROGRESS"):
                break
            print(".", end="", flush=True)
            time.sleep(5)
        print(f" {status}")
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise Stop("\n  ".join([f"{self.name} is {status}; what was live is live again", *self.failures(started)]))

    def failures(self, since: datetime) -> list[str]:
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.name)
        events = [event for page in pages for event in page["StackEvents"] if event["Timestamp"] >= since]
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("_FAILED")
        ]


INDEXED_TABLE = re.compile(r"^  (\w+):\n    Type: AWS::DynamoDB::Table\n((?:    .*\n|\n)+)", re.MULTILINE)


def indexes(template: str) -> dict[str, dict[str, str]]:
    """The indexes of each table as the text of a template has them: name and definition."""
    found = {}
    for table, body in INDEXED_TABLE.findall(template):
        lines = [line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        section = re.search(r"^      GlobalSecondaryIndexes:\n((?:        .*\n?)+)", "\n".join(lines), re.MULTILINE)
        parts = re.split(r"^        - IndexName: (\w+)$", section[1] if section else "", flags=re.MULTILINE)
        found[table] = dict(zip(parts[1::2], (" ".join(part.split()) for part in parts[2::2]), strict=True))
    return found


def index_faults(before: str, after: str) -> list[str]:
    """Why an update cannot be made: DynamoDB makes or deletes one index of a table in an update, and changes none."""
    faults = []
    old = indexes(before)
    for table, wanted in indexes(after).items():
        # All indexes of a new table are made with it.
        if table not in old:
            continue
        there = old[table]
        changed = sorted(name for name in there.keys() & wanted.keys() if there[name] != wanted[name])
        moved = sorted(there.keys() ^ wanted.keys())
        if changed:
            faults.append(f"{table}: the index {', '.join(changed)} cannot be changed; make one of another name")
        if len(moved) > 1:
            faults.append(
                f"{table}: {', '.join(moved)} come or go, and an update takes one: deploy one after the other"
            )
    return faults


def shown(changes: list[dict]) -> str:
    """The changes in lines for a person, what loses data marked."""
    lines = []
    for change in sorted(changes, key=lambda change: (change["Action"], change["LogicalResourceId"])):
        replaced = change.get("Replacement") in ("True", "Conditional")
        goes = change["Action"] == "Remove" or replaced
        mark = "  <-- IT HOLDS DATA" if goes and change["ResourceType"] in PRECIOUS else ""
        action = f"{change['Action']}, replaced" if replaced else change["Action"]
        lines.append(f"  {action:16} {change['LogicalResourceId']:40} {change['ResourceType']}{mark}")
    return "\n".join(lines)
