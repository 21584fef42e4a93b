"""The secrets that people have, and the key of the sessions.

A value is asked for without being shown and goes to Secrets Manager over TLS: it is in no file, no argument, no
environment and no history of a shell. The forms are those that the functions check at their start
(shared/src/secrets.rs).
"""

import argparse
import getpass
import json
import re
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore.exceptions

from .stage import ROOT, Stage, Stop, confirmed

# A token of a session is good for so long (shared/src/auth/token.rs), and so is the key that signed it.
TOKEN_LIFE = timedelta(days=30)
# A deployment has given CloudFront its new proof everywhere after so long at the latest, if it was made at once.
EDGE_SETTLES = timedelta(hours=1)


@dataclass(frozen=True)
class Field:
    """One value of a secret."""

    secret: str
    name: str
    form: str
    says: str
    # Made up by us when nothing is entered.
    generated: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.secret}.{self.name}"

    def accepts(self, value: str) -> bool:
        return re.fullmatch(self.form, value) is not None


FIELDS = [
    Field("cargotech", "phone", r"\+[0-9]{10,15}", "the phone of the login at CargoTech, +7 and ten digits"),
    Field("cargotech", "password", r".+", "its password"),
    Field("telegram", "bot_token", r"[0-9]+:[^\s]+", "the bot's token, from @BotFather"),
    Field("telegram", "webhook_secret", r"[A-Za-z0-9_-]{16,256}", "what Telegram shall prove itself with", True),
    Field("yookassa", "shop_id", r"[0-9]+", "the number of the shop at YooKassa"),
    Field("yookassa", "secret_key", r"[^\s]+", "the shop's secret key"),
    Field("yookassa", "webhook_token", r"[A-Za-z0-9_-]{16,128}", "the secret part of the webhook's address", True),
]


class Secrets:
    """The secrets of a stage. The stack makes them, this fills them."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.manager = stage.client("secretsmanager")

    def read(self, name: str) -> dict[str, str]:
        """What a secret holds; nothing while nobody filled it."""
        try:
            answer = self.manager.get_secret_value(SecretId=f"{self.stage.secrets_prefix}/{name}")
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return {}
            raise Stop(f"the secret {name} cannot be read: {error}") from None
        try:
            content = json.loads(answer["SecretString"])
        except json.JSONDecodeError:
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, name: str, content: dict[str, str]) -> None:
        identity = f"{self.stage.secrets_prefix}/{name}"
        try:
            self.manager.put_secret_value(SecretId=identity, SecretString=json.dumps(content))
        except self.manager.exceptions.ResourceNotFoundException:
            raise Stop(f"there is no secret {identity} yet: the stack makes it, so deploy first") from None

    def missing(self) -> list[Field]:
        """What is not there, or not of its form."""
        content = {field.secret: self.read(field.secret) for field in FIELDS}
        return [field for field in FIELDS if not field.accepts(str(content[field.secret].get(field.name, "")))]

    def ask(self, fields: list[Field], prompt: Callable[[str], str] = getpass.getpass) -> None:
        """Asks for the values, all of one secret before it is stored."""
        for name in dict.fromkeys(field.secret for field in fields):
            entered = {field.name: entered_value(field, prompt) for field in fields if field.secret == name}
            self.write(name, self.read(name) | entered)
            print(f"Stored {self.stage.secrets_prefix}/{name}")

    def version(self, name: str) -> str | None:
        """The version of a secret that is in use; None while there is none."""
        try:
            versions = self.manager.describe_secret(SecretId=f"{self.stage.secrets_prefix}/{name}")[
                "VersionIdsToStages"
            ]
        except (self.manager.exceptions.ResourceNotFoundException, KeyError):
            return None
        return next((version for version, labels in versions.items() if "AWSCURRENT" in labels), None)

    def rotate_edge(self, force: bool) -> None:
        """A new proof of CloudFront's. The functions take the one before it too, which it has until a deployment."""
        content = self.read("edge")
        if not content:
            raise Stop("the secret edge is not there yet: the stack makes it, so deploy first")
        rotated_at = content.get("rotated_at")
        if rotated_at and datetime.now(UTC) < datetime.fromisoformat(rotated_at) + EDGE_SETTLES and not force:
            raise Stop(
                f"it was rotated at {rotated_at}, and until a deployment has reached all of CloudFront, which may take "
                "an hour, another rotation would shut it out. Once it has: --force"
            )
        now = datetime.now(UTC).replace(microsecond=0).isoformat()
        fresh = {"origin_token": secrets.token_urlsafe(36), "previous": content["origin_token"], "rotated_at": now}
        self.write("edge", fresh)
        print(
            "The functions take the new value and the one before, which CloudFront has until the next deployment:\n"
            f"infra/deploy {self.stage.name}"
        )

    def rotate_session(self, force: bool) -> None:
        """Signs with a new key from now on. Tokens by the key before it stay good, so nobody is signed out."""
        content = self.read("session")
        current = content.get("current", "")
        if len(current) < 32:
            raise Stop("the secret session has no key yet: the stack makes it, so deploy first")
        good_until = self.previous_needed_until(content)
        if good_until and datetime.now(UTC) < good_until and not force:
            raise Stop(
                f"sessions that the previous key signed are good until {good_until:%Y-%m-%d %H:%M} UTC, and another "
                "rotation would end them. After a leak that is wanted: --force"
            )
        rotated_at = datetime.now(UTC).replace(microsecond=0)
        fresh = {"current": secrets.token_urlsafe(48), "previous": current, "rotated_at": rotated_at.isoformat()}
        self.write("session", fresh)
        print(
            "New sessions are signed with a new key, within five minutes by every instance; nobody is signed out.\n"
            f"The previous key may go after {rotated_at + TOKEN_LIFE:%Y-%m-%d %H:%M} UTC, when the last token that it "
            f"signed has ended: infra/secrets {self.stage.name} retire-session"
        )

    def retire_session(self, force: bool) -> None:
        """Drops the previous key, once nothing that it signed is good any more."""
        content = self.read("session")
        if not content.get("previous"):
            print("There is no previous key.")
            return
        good_until = self.previous_needed_until(content)
        if (good_until is None or datetime.now(UTC) < good_until) and not force:
            when = f"until {good_until:%Y-%m-%d %H:%M} UTC" if good_until else "for up to 30 days"
            raise Stop(f"tokens that the previous key signed may be good {when}; --force ends them now")
        self.write("session", {"current": content["current"]})
        print("The previous key is gone.")

    @staticmethod
    def previous_needed_until(content: dict[str, str]) -> datetime | None:
        """None when there is no previous key, or nobody knows since when."""
        if not content.get("previous") or not content.get("rotated_at"):
            return None
        return datetime.fromisoformat(content["rotated_at"]) + TOKEN_LIFE


def entered_value(field: Field, prompt: Callable[[str], str]) -> str:
    """Asks until the value has its form."""
    hint = " (Enter: one is made up)" if field.generated else ""
    while True:
        value = prompt(f"{field.full_name}, {field.says}{hint}: ").strip()
        if not value and field.generated:
            return secrets.token_urlsafe(32)
        if field.accepts(value):
            return value
        print(f"That is not {field.says}; its form is {field.form}")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="infra/secrets",
        description="Asks for the secrets that are missing, or that are named, and stores them in Secrets Manager.",
        epilog="Values: " + ", ".join(field.full_name for field in FIELDS),
    )
    parser.add_argument("stage", help="staging, production: a file in infra/stages")
    parser.add_argument(
        "what",
        nargs="*",
        help="values to ask for; or rotate-session: a new key for new sessions, nobody is signed out; "
        "retire-session: drop the key before it; rotate-edge: what CloudFront proves itself with, deploy after it; "
        "yookassa-address: print the webhook's whole address, its token included",
    )
    parser.add_argument("--stages", type=Path, default=ROOT / "infra/stages", help=argparse.SUPPRESS)
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is the right account")
    parser.add_argument(
        "--force", action="store_true", help="rotate or retire even if that ends sessions or shuts CloudFront out"
    )
    # What is said and what is complained of stay in their order, also in a file.
    sys.stdout.reconfigure(line_buffering=True)
    options = parser.parse_args()
    try:
        serve(options)
    except (Stop, botocore.exceptions.ClientError) as stop:
        print(f"infra/secrets: {stop}", file=sys.stderr)
        return 1
    return 0


def serve(options: argparse.Namespace) -> None:
    known = {field.full_name: field for field in FIELDS}
    unknown = [name for name in options.what if name not in known]
    commands = ("rotate-session", "retire-session", "rotate-edge", "yookassa-address")
    command = unknown[0] if options.what == unknown and len(unknown) == 1 and unknown[0] in commands else None
    if unknown and not command:
        raise Stop(f"{', '.join(unknown)}: unknown. --help tells the names")
    stage = Stage.read(options.stage, options.stages)
    stage.check_account()
    if not confirmed("Is this the right account?", options.yes):
        raise Stop("stopped; nothing was done")
    stored = Secrets(stage)
    if command == "rotate-session":
        stored.rotate_session(options.force)
    elif command == "retire-session":
        stored.retire_session(options.force)
    elif command == "rotate-edge":
        stored.rotate_edge(options.force)
    elif command == "yookassa-address":
        print(yookassa_address(stage, stored.read("yookassa").get("webhook_token", "")))
    else:
        fields = [known[name] for name in options.what] or stored.missing()
        if not fields:
            print("All secrets are there.")
            return
        stored.ask(fields)
        print(f"The functions read them within five minutes; infra/deploy {stage.name} tells Telegram of a new one.")


def yookassa_address(stage: Stage, token: str) -> str:
    from .stack import Stack

    if not token:
        raise Stop("the secret yookassa is not filled yet")
    return f"{Stack(stage).outputs()['ApiUrl']}/webhooks/yookassa/{token}"


if __name__ == "__main__":
    sys.exit(main())
