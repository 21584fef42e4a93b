"""infra/secrets: what is asked, how it is stored, and what becomes of the sessions' key."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cloud import client
from conftest import SECRETS
from deployment.secret_values import FIELDS

PREFIX = "cargotech-driver-staging"


@pytest.fixture
def deployed(project):
    """The secrets as the stack leaves them."""
    manager = client("secretsmanager")
    for name in ("cargotech", "telegram", "yookassa"):
        manager.create_secret(Name=f"{PREFIX}/{name}")
    manager.create_secret(Name=f"{PREFIX}/session", SecretString=json.dumps({"current": "k" * 64}))
    return project


def read(name: str) -> dict[str, str]:
    return json.loads(client("secretsmanager").get_secret_value(SecretId=f"{PREFIX}/{name}")["SecretString"])


def write(name: str, content: dict[str, str]) -> None:
    client("secretsmanager").put_secret_value(SecretId=f"{PREFIX}/{name}", SecretString=json.dumps(content))


def stored() -> dict[str, str]:
    return {
        f"{name}.{key}": value for name in ("cargotech", "telegram", "yookassa") for key, value in read(name).items()
    }


def test_what_is_missing_is_asked_for_without_being_shown_and_stored(deployed):
    outcome = deployed.talk("secret_values", "staging", "--yes", answers=SECRETS)
    assert outcome.status == 0, outcome.said
    assert stored() == SECRETS
    for field in FIELDS:
        assert field.full_name in outcome.said
    for value in SECRETS.values():
        assert value not in outcome.said

    outcome = deployed.run("secret_values", "staging", "--yes")
    assert outcome.status == 0 and "All secrets are there." in outcome.said


def test_only_what_is_missing_or_named_is_asked_for(deployed):
    write("cargotech", {"phone": "+79160000000", "password": "kept"})
    write("telegram", {"bot_token": "1:kept"})
    outcome = deployed.talk("secret_values", "staging", "--yes", answers=SECRETS)
    assert outcome.status == 0, outcome.said
    assert "cargotech.phone" not in outcome.said and "telegram.bot_token" not in outcome.said
    assert read("cargotech") == {"phone": "+79160000000", "password": "kept"}
    assert read("telegram") == {"bot_token": "1:kept", "webhook_secret": SECRETS["telegram.webhook_secret"]}

    outcome = deployed.talk("secret_values", "staging", "telegram.bot_token", "--yes", answers=SECRETS)
    assert outcome.status == 0 and read("telegram")["bot_token"] == SECRETS["telegram.bot_token"]
    assert read("telegram")["webhook_secret"] == SECRETS["telegram.webhook_secret"]


def test_what_only_we_have_to_know_is_made_up(deployed):
    answers = SECRETS | {"telegram.webhook_secret": "", "yookassa.webhook_token": ""}
    assert deployed.talk("secret_values", "staging", "--yes", answers=answers).status == 0
    made_up = [read("telegram")["webhook_secret"], read("yookassa")["webhook_token"]]
    assert all(len(value) >= 32 for value in made_up) and made_up[0] != made_up[1]


def test_a_value_of_another_form_is_asked_for_again(deployed):
    answers = dict(SECRETS)
    shown = "That is not the bot's token"
    tries = iter(["not a token", SECRETS["telegram.bot_token"]])

    class Answers(dict):
        def __getitem__(self, name):
            return next(tries) if name == "telegram.bot_token" else super().__getitem__(name)

    outcome = deployed.talk("secret_values", "staging", "--yes", answers=Answers(answers))
    assert outcome.status == 0 and shown in outcome.said and "not a token" not in outcome.said
    assert read("telegram")["bot_token"] == SECRETS["telegram.bot_token"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("cargotech.phone", ["+79161234567"], ["89161234567", "+7 916", ""]),
        ("telegram.bot_token", ["1:a"], ["1:", ":a", "a:b", ""]),
        ("telegram.webhook_secret", ["a" * 16, "a" * 256], ["a" * 15, "a" * 257, "a" * 15 + "!"]),
        ("yookassa.shop_id", ["1000001"], ["shop", ""]),
        ("yookassa.webhook_token", ["a" * 16], ["a" * 15, "a/" * 10]),
    ],
)
def test_forms_are_those_that_the_functions_start_with(name, good, bad):
    field = next(field for field in FIELDS if field.full_name == name)
    assert all(field.accepts(value) for value in good)
    assert not any(field.accepts(value) for value in bad)


def test_a_rotation_keeps_the_key_before_it_and_says_until_when(deployed):
    outcome = deployed.run("secret_values", "staging", "rotate-session", "--yes")
    assert outcome.status == 0, outcome.said
    after = read("session")
    assert after["previous"] == "k" * 64 and after["current"] != "k" * 64 and len(after["current"]) >= 32
    until = datetime.fromisoformat(after["rotated_at"]) + timedelta(days=30)
    assert f"The previous key may go after {until:%Y-%m-%d %H:%M} UTC" in outcome.said
    assert after["current"] not in outcome.said and after["previous"] not in outcome.said

    # A second one would drop the key that sessions of today are signed with.
    outcome = deployed.run("secret_values", "staging", "rotate-session", "--yes")
    assert outcome.status == 1 and "another rotation would end them" in outcome.said
    assert read("session") == after
    outcome = deployed.run("secret_values", "staging", "retire-session", "--yes")
    assert outcome.status == 1 and read("session") == after


def test_after_thirty_days_the_key_before_may_go_and_the_next_rotation_may_come(deployed):
    long_ago = (datetime.now(UTC) - timedelta(days=30, minutes=1)).isoformat()
    write("session", {"current": "a" * 64, "previous": "b" * 64, "rotated_at": long_ago})
    assert deployed.run("secret_values", "staging", "retire-session", "--yes").status == 0
    assert read("session") == {"current": "a" * 64}
    write("session", {"current": "a" * 64, "previous": "b" * 64, "rotated_at": long_ago})
    assert deployed.run("secret_values", "staging", "rotate-session", "--yes").status == 0
    assert read("session")["previous"] == "a" * 64


def test_a_leaked_key_can_be_thrown_out_at_once(deployed):
    deployed.run("secret_values", "staging", "rotate-session", "--yes")
    assert deployed.run("secret_values", "staging", "retire-session", "--yes", "--force").status == 0
    assert set(read("session")) == {"current"} and read("session")["current"] != "k" * 64


def test_cloudfronts_proof_is_rotated_with_the_one_before_it_and_not_twice_within_an_hour(deployed):
    outcome = deployed.run("secret_values", "staging", "rotate-edge", "--yes")
    assert outcome.status == 1 and "deploy first" in outcome.said
    client("secretsmanager").create_secret(Name=f"{PREFIX}/edge", SecretString=json.dumps({"origin_token": "o" * 48}))
    outcome = deployed.run("secret_values", "staging", "rotate-edge", "--yes")
    assert outcome.status == 0 and "infra/deploy staging" in outcome.said
    first = read("edge")
    assert first["previous"] == "o" * 48 != first["origin_token"] and len(first["origin_token"]) >= 16
    assert first["origin_token"] not in outcome.said and first["previous"] not in outcome.said

    # CloudFront may still have the value that a second one would drop.
    outcome = deployed.run("secret_values", "staging", "rotate-edge", "--yes")
    assert outcome.status == 1 and "another rotation would shut it out" in outcome.said and read("edge") == first
    assert deployed.run("secret_values", "staging", "rotate-edge", "--yes", "--force").status == 0
    assert read("edge")["previous"] == first["origin_token"]
    an_hour_ago = (datetime.now(UTC) - timedelta(minutes=61)).isoformat()
    write("edge", first | {"rotated_at": an_hour_ago})
    assert deployed.run("secret_values", "staging", "rotate-edge", "--yes").status == 0


def test_secrets_of_a_stack_that_is_not_there_cannot_be_stored(project):
    outcome = project.talk("secret_values", "staging", "--yes", answers=SECRETS)
    assert outcome.status == 1 and "the stack makes it, so deploy first" in outcome.said


def test_unknown_names_and_other_accounts_are_refused(deployed):
    outcome = deployed.run("secret_values", "staging", "telegram.token", "--yes")
    assert outcome.status == 1 and "telegram.token: unknown" in outcome.said
    outcome = deployed.talk("secret_values", "staging", answers={"right account": "no"})
    assert outcome.status == 1 and "nothing was done" in outcome.said
