"""`infra/deploy`: puts a stage into its AWS account.

The order: look (account, parameters, tools, the account's limits and our rights), build, ask CloudFormation what would
change and show it, change it, change what stands in us-east-1, fill the secrets that are missing, upload the site, tell
Telegram of the bot, print what YooKassa has to know, look at it from outside. Each step can be repeated; what was done
stays done when a later one fails.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import botocore.exceptions

from . import edge, preflight, site, smoke, versions
from .build import build, check_tools, commit, declared_parameters, packaged, site_files
from .release import Release, Releases
from .secret_values import Secrets
from .stack import Stack, index_faults, shown
from .stage import ROOT, Stage, Stop, confirmed

# By which template.yaml has an update undone.
UNDOING_ALARMS = ("new-version-fails", "new-version-crashes", "new-admin-version-crashes")

NOBODY_IS_TOLD = "Alarms   tell nobody: the stage has neither AlarmEmail nor OperatorsChatId"

HELP = """\
  infra/deploy staging             build, show what would change, deploy, look at it
  infra/deploy staging --dry-run   stop after showing what would change
  infra/deploy rollback staging    deploy the release before the live one, at once and whatever alarms are on
  infra/deploy status staging      tell how it stands
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="infra/deploy", epilog=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", default="deploy", choices=["deploy", "rollback", "status"])
    parser.add_argument("stage", help="staging, production: a file in infra/stages")
    parser.add_argument("--dry-run", action="store_true", help="show what would change and stop")
    parser.add_argument("--yes", action="store_true", help="ask nothing, as CI needs it")
    parser.add_argument("--despite-alarms", action="store_true", help="at once and whatever alarms are on, for a mend")
    parser.add_argument("--skip-build", action="store_true", help="deploy what target/lambda and static-site/dist hold")
    parser.add_argument("--site", help="look at the site here, for a name that DNS does not know yet")
    parser.add_argument("--api", help="look at the API here")
    parser.add_argument("--patience", type=float, default=120, help="seconds in which the look has to succeed")
    parser.add_argument("--stages", type=Path, default=ROOT / "infra/stages", help=argparse.SUPPRESS)
    arguments = sys.argv[1:]
    # Without a command it is `deploy`.
    if arguments and arguments[0] not in ("deploy", "rollback", "status") and not arguments[0].startswith("-"):
        arguments.insert(0, "deploy")
    # What is said and what is complained of stay in their order, also in a file.
    sys.stdout.reconfigure(line_buffering=True)
    options = parser.parse_args(arguments)
    try:
        {"deploy": deploy, "rollback": rollback, "status": status}[options.command](options)
    except (Stop, botocore.exceptions.ClientError) as stop:
        print(f"infra/deploy: {stop}", file=sys.stderr)
        return 1
    return 0


def deploy(options: argparse.Namespace) -> None:
    """Builds what is here and makes it the live release."""
    stage = admitted(options)
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    parameters = checked_parameters(stage, template)
    architecture = parameters.get("Architecture", "arm64")
    preflight.look(stage, parameters)
    if not options.skip_build:
        check_tools(architecture)
        build(architecture)
    releases = Releases(stage)
    text, code = packaged(template, architecture, releases.bucket)
    files = site_files()
    releases.prepare()
    release = releases.draft(text, list(code), parameters, files, commit())
    is_new = release != releases.current()
    print(f"Release  {release.id} of {release.commit}" + ("" if is_new else ", which is live"))
    releases.put_template(release, text)
    update = Update(stage, releases, release, is_guarded=not options.despite_alarms)
    if options.dry_run:
        show_only(update, is_new)
        return
    publish(options, update, keep=lambda: releases.keep(release, code, files))


def rollback(options: argparse.Namespace) -> None:
    """Makes the release before the live one live again: its template, parameters, code and site."""
    stage = admitted(options)
    releases = Releases(stage)
    live = releases.current()
    if live is None or live.follows is None:
        raise Stop("there is no release before the live one")
    release = releases.get(live.follows)
    print(f"Release  {live.id} of {live.commit} goes, {release.id} of {release.commit} comes back")
    # It is wanted most while an alarm is on, and what comes back has been live before.
    update = Update(stage, releases, release, is_guarded=False)
    if options.dry_run:
        show_only(update, is_new=False)
        return
    publish(options, update, keep=lambda: None)


def status(options: argparse.Namespace) -> None:
    """Tells how the stage stands. Changes nothing."""
    stage = Stage.read(options.stage, options.stages)
    stage.check_account()
    stack = Stack(stage)
    description = stack.description()
    if description is None:
        print("State    not deployed")
        return
    print(f"State    {description['StackStatus']}")
    live = Releases(stage).current()
    if live:
        print(f"Release  {live.id} of {live.commit}\nBefore   {live.follows or 'none'}")
    outputs = stack.outputs()
    print(f"Site     {outputs['SiteUrl']}/app/\nAPI      {outputs['ApiUrl']}")
    print_names(outputs)
    missing = ", ".join(field.full_name for field in Secrets(stage).missing())
    print(f"Secrets  {'missing: ' + missing if missing else 'all there'}")
    for line in preflight.certificates(stage):
        print(line)
    print(f"Deletion {'is refused' if description.get('EnableTerminationProtection') else 'IS NOT REFUSED'}")
    print(f"Alarms   {', '.join(alarms_on(stage)) or 'none'}")
    if not tells_of_alarms(stage):
        print(NOBODY_IS_TOLD)


def alarms_on(stage: Stage) -> list[str]:
    """The alarms that are on, those made of others and those in us-east-1 too."""
    found = []
    for region in dict.fromkeys((stage.region, edge.REGION)):
        pages = stage.client("cloudwatch", region).get_paginator("describe_alarms")
        # Without the types CloudWatch tells of the plain ones alone.
        pages = pages.paginate(AlarmNamePrefix=f"{stage.stack}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        for page in pages:
            alarms = page.get("MetricAlarms", []) + page.get("CompositeAlarms", [])
            found += [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
    return found


def print_names(outputs: dict[str, str]) -> None:
    """Where names of our own have to point."""
    for url, target in ((outputs["SiteUrl"], "DistributionDomain"), (outputs["ApiUrl"], "ApiDomainTarget")):
        host = url.removeprefix("https://")
        if outputs.get(target, host) != host:
            print(f"DNS      {host} has to point to {outputs[target]}")


def admitted(options: argparse.Namespace) -> Stage:
    """The stage, once it is clear that the right account is meant."""
    stage = Stage.read(options.stage, options.stages)
    stage.check_account()
    if not confirmed("Is this the right account?", options.yes):
        raise Stop("stopped; nothing was done")
    return stage


def checked_parameters(stage: Stage, template: str) -> dict[str, str]:
    """The stage's parameters. What CloudFormation would find only after the build is found before it."""
    known = declared_parameters(template)
    unknown = stage.parameters.keys() - known.keys()
    if unknown:
        raise Stop(f"the stage {stage.name} sets what the template does not have: {', '.join(sorted(unknown))}")
    empty = [name for name, default in known.items() if default is None and name not in stage.parameters]
    if empty:
        raise Stop(f"the stage {stage.name} has no value for {', '.join(empty)}")
    if stage.parameters.get("CertificateArn") and "WebappOrigin" not in stage.parameters:
        raise Stop(f"the stage {stage.name} has a certificate and no WebappOrigin that it is for")
    if not tells_of_alarms(stage):
        if stage.name == "production":
            raise Stop("production has neither AlarmEmail nor OperatorsChatId: its alarms would tell nobody")
        print(NOBODY_IS_TOLD)
    return {"SecretsPrefix": stage.secrets_prefix} | stage.parameters


def tells_of_alarms(stage: Stage) -> bool:
    return any(name in stage.parameters for name in ("AlarmEmail", "OperatorsChatId"))


def with_origin(parameters: dict[str, str], outputs: dict[str, str]) -> dict[str, str]:
    """Without a name of its own the site's origin is CloudFront's name, which is known once the stack stands."""
    if parameters.get("CertificateArn") or not outputs.get("SiteUrl"):
        return parameters
    return parameters | {"WebappOrigin": outputs["SiteUrl"]}


@dataclass(frozen=True)
class Update:
    """A release on its way to be the live one."""

    stage: Stage
    releases: Releases
    release: Release
    # Whether it is shared out and undone by alarms. CodeDeploy refuses to begin while one of them is on.
    is_guarded: bool

    def pinned(self, stack: Stack) -> tuple[str, dict[str, str]]:
        """The release's template and parameters, with what is known of the stack now."""
        parameters = with_origin(self.release.parameters, stack.outputs())
        edge_version = Secrets(self.stage).version("edge")
        values = parameters | {"Release": self.release.id}
        template = self.releases.pinned_template(self.release, values, edge_version)
        # A release from before a parameter does without it.
        ours = {"GuardedUpdate": str(self.is_guarded).lower(), "Release": self.release.id}
        known = declared_parameters(template)
        return template, {name: value for name, value in ours.items() if name in known} | parameters

    def stop_if_impossible(self) -> None:
        """Stops before an update that DynamoDB would refuse after minutes, when half of it is made."""
        live = self.releases.current()
        before = self.releases.read(live.template_key) if live else None
        after = self.releases.read(self.release.template_key)
        faults = index_faults(before.decode(), after.decode()) if before and after else []
        if faults:
            raise Stop("\n  ".join(["the tables cannot be changed so:", *faults]))

    def address(self, template: str) -> dict[str, str]:
        return {"TemplateURL": self.releases.address(self.release, template)}

    def stopped_by(self) -> list[str]:
        """The alarms that are on and would undo it after minutes, and less clearly."""
        if not self.is_guarded:
            return []
        names = [f"{self.stage.stack}-{name}" for name in UNDOING_ALARMS]
        found = self.stage.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
        return [alarm["AlarmName"] for alarm in found if alarm["StateValue"] == "ALARM"]


def show_only(update: Update, is_new: bool) -> None:
    """A dry run: what would change, and nothing left behind but the empty bucket of releases."""
    stack = Stack(update.stage)
    try:
        update.stop_if_impossible()
        template, parameters = update.pinned(stack)
        draft = stack.draft(update.address(template), parameters)
        print(f"The stack would change:\n{shown(draft.changes)}" if draft.changes else "The stack would not change.")
        if draft.changes:
            stack.drop(draft)
    finally:
        if is_new:
            update.releases.drop_templates(update.release)
    print("Dry run: nothing was changed.")


def publish(options: argparse.Namespace, update: Update, keep) -> None:
    """Makes a release the live one."""
    stage, releases, release = update.stage, update.releases, update.release
    stack = Stack(stage)
    update.stop_if_impossible()
    template, parameters = update.pinned(stack)
    draft = stack.draft(update.address(template), parameters)
    if draft.changes:
        print(f"The stack changes:\n{shown(draft.changes)}")
        stopped_by = update.stopped_by()
        if stopped_by:
            stack.drop(draft)
            raise Stop(f"{' and '.join(stopped_by)} would undo it. To make it all the same: --despite-alarms")
        if not confirmed("Make these changes?", options.yes):
            stack.drop(draft)
            raise Stop("stopped; nothing was changed")
    else:
        print("The stack does not change.")
    keep()
    if draft.changes:
        if not draft.creates_stack:
            versions.remove_old(stage, stack)
        stack.execute(draft)
    # The site's address and the version of CloudFront's secret are known only once the stack stands.
    known, parameters = update.pinned(stack)
    if known != template:
        print("The stack is told its own address.")
        stack.execute(stack.draft(update.address(known), parameters))
    stack.protect()
    outputs = stack.outputs()
    releases.set_current(release)
    kept = releases.prune(release)
    edge.update(stage, outputs, parameters)

    secrets = Secrets(stage)
    missing = secrets.missing()
    if missing and not options.yes and sys.stdin.isatty():
        print("The functions cannot start without these:")
        secrets.ask(missing)
        missing = secrets.missing()
    site.upload(stage, outputs["SiteBucketName"], releases.site_of(release))
    site.prune(stage, outputs["SiteBucketName"], kept)
    if missing:
        names = ", ".join(field.full_name for field in missing)
        raise Stop(f"these secrets are missing: {names}. Run infra/secrets {stage.name}, then this again")

    # Before Telegram is told: it looks the name up.
    print(
        f"Site     {outputs['SiteUrl']}/app/\n"
        f"Telegram {outputs['SiteUrl']}/app/ is the address of the Mini App at @BotFather, its link "
        f"{stage.parameters['TelegramAppUrl']}\n"
        f"YooKassa {outputs['ApiUrl']}/webhooks/yookassa/<token>, for the events of payments and refunds\n"
        f"         with its token: infra/secrets {stage.name} yookassa-address"
    )
    print_names(outputs)
    set_bot(stage, secrets, outputs)
    print("From outside:")
    found = smoke.failures(options.site or outputs["SiteUrl"], options.api or outputs["ApiUrl"], options.patience)
    if found:
        back = f"infra/deploy rollback {stage.name}" if release.follows else "there is no release before this one"
        raise Stop(f"{release.id} is live and does not work: {'; '.join(found)}. To go back: {back}")
    print(f"{release.id} is live.")


def set_bot(stage: Stage, secrets: Secrets, outputs: dict[str, str]) -> None:
    """Tells Telegram of the webhook, the commands and the menu button. Its secrets are in no argument."""
    telegram = secrets.read("telegram")
    chat = stage.parameters["DispatchChatId"]
    command = ["cargo", "bot", "set", "--api", outputs["ApiUrl"], "--app", outputs["SiteUrl"], "--dispatch-chat", chat]
    environment = os.environ | {
        "TELEGRAM_BOT_TOKEN": telegram["bot_token"],
        "TELEGRAM_WEBHOOK_SECRET": telegram["webhook_secret"],
        "TELEGRAM_BASE_URL": stage.parameters.get("TelegramBaseUrl", "https://api.telegram.org"),
    }
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise Stop("Telegram was not told of the bot; the release is live without it. Run this again")


if __name__ == "__main__":
    sys.exit(main())
