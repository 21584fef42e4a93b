"""A stage: what its file in infra/stages says, and the account that it lives in."""

import configparser
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import boto3
import botocore.exceptions

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = "cargotech-driver"


class Stop(Exception):
    """Why nothing more is done, for a person to read. Nothing of a secret is ever in it."""


def confirmed(question: str, yes: bool) -> bool:
    """Whether the person says yes; `yes` is their word given beforehand."""
    if yes:
        print(f"{question} yes (--yes)")
        return True
    if not sys.stdin.isatty():
        raise Stop("there is nobody to ask: say --yes")
    return input(f"{question} [yes/no] ").strip().lower() in ("y", "yes")


@dataclass(frozen=True)
class Stage:
    """One deployment of the product: `staging`, `production`."""

    name: str
    account: str
    region: str
    parameters: dict[str, str]

    @classmethod
    def read(cls, name: str, folder: Path) -> "Stage":
        """Reads `<folder>/<name>.ini`. A parameter without a value has the template's default."""
        path = folder / f"{name}.ini"
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,15}", name) or not path.exists():
            known = ", ".join(sorted(file.stem for file in folder.glob("*.ini")))
            raise Stop(f"there is no stage {name!r}; there are: {known}")
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        try:
            parser.read(path, encoding="utf-8")
            aws, parameters = parser["aws"], parser["parameters"]
        except (configparser.Error, KeyError) as error:
            raise Stop(f"{path}: {error}") from None
        account, region = aws.get("account", ""), aws.get("region", "")
        if not re.fullmatch(r"[0-9]{12}", account) or not region:
            raise Stop(f"{path}: [aws] must name the account, twelve digits, and the region")
        return cls(name, account, region, {key: value for key, value in parameters.items() if value})

    @property
    def stack(self) -> str:
        """The name of its stack, and of what else must not collide with another stage's."""
        return f"{PRODUCT}-{self.name}"

    @property
    def secrets_prefix(self) -> str:
        """Secrets are called `<prefix>/<name>`."""
        return self.parameters.get("SecretsPrefix", self.stack)

    @property
    def releases_bucket(self) -> str:
        """Names of buckets are the whole world's, so the account is part of it."""
        return f"{self.stack}-{self.account}-{self.region}"

    @cached_property
    def session(self) -> boto3.Session:
        return boto3.Session(region_name=self.region)

    def client(self, service: str, region: str | None = None):
        return self.session.client(service, region_name=region or self.region)

    def check_account(self) -> None:
        """Stops unless the credentials at hand are of the stage's account. Says whose they are."""
        try:
            identity = self.client("sts").get_caller_identity()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise Stop(f"AWS does not know us: {error}") from None
        print(f"Stack    {self.stack}\nAccount  {identity['Account']} in {self.region}\nAs       {identity['Arn']}")
        if identity["Account"] != self.account:
            raise Stop(f"the stage {self.name} lives in the account {self.account}; nothing was done")
