"""The functions' programs as Lambda starts them, in the environment that the template gives them, against moto: a
second DynamoDB, SQS and Secrets Manager beside the stand-ins of `cargo dev`. Only what is not AWS's is a sandbox of
ours. PROGRAMS and LOCAL name other programs than those of the debug build: tests/bench/run tries what is deployed."""

import base64
import hashlib
import hmac
import io
import json
import os
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import pytest
import runtime
from cloud import ACCOUNT, REGION, ROOT, client
from deployment.build import pinned
from deployment.smoke import failures
from moto.sqs.models import sqs_backends
from runtime import Lambda, http_event, queue_event, topic_event

# One product for all of them.
pytestmark = pytest.mark.xdist_group("functions")

DRIVER = 310482771
OTHER_DRIVER = 310482772
DISPATCHERS = -1001000000001
BOT_TOKEN = "7000000001:local-demo-bot-token"
WEBHOOK_TOKEN = "local-demo-yookassa-webhook-token"
WEBHOOK_SECRET = "local-demo-webhook-secret"
VALUES = {
    "cargotech": {"phone": "+79000000001", "password": "demo-password"},
    "telegram": {"bot_token": BOT_TOKEN, "webhook_secret": WEBHOOK_SECRET},
    "yookassa": {
        "shop_id": "1000001",
        "secret_key": "test_local-demo-key-of-no-real-shop",
        "webhook_token": WEBHOOK_TOKEN,
    },
}
PARAMETERS = {
    "TelegramAppUrl": "https://t.me/bot/app",
    "SupportUrl": "https://t.me/support",
    "DispatchChatId": str(DISPATCHERS),
    "AdminTelegramIds": str(DRIVER),
}
API_FUNCTIONS = re.findall(r"CodeUri: target/lambda/([a-z-]+)/", (ROOT / "template.yaml").read_text(encoding="utf-8"))


class World:
    """Everything that the functions talk to, and the functions."""

    def __init__(self, folder: Path, server):
        self.folder = folder
        self.sandbox = self.started_sandbox()
        self.variables = self.deployed_variables(server)
        self.origin_token = self.secret("edge")["origin_token"]
        self.routes = self.template_routes()
        self.functions: dict[str, Lambda] = {}
        self.session = ""

    def started_sandbox(self) -> str:
        """CargoTech, Telegram and YooKassa, by `cargo dev`."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = (self.folder / "sandbox.log").open("wb")
        program = ROOT / os.environ.get("LOCAL", "target/debug/local")
        assert program.exists(), "cargo build --package local --package functions comes first"
        arguments = ["--port", str(port), "--data-dir", str(self.folder / "data"), "--no-web-build"]
        clean = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        self.process = subprocess.Popen([program, *arguments], cwd=ROOT, env=clean, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/api/health", timeout=5).read()
                return address
            except OSError:
                time.sleep(0.2)
        raise AssertionError((self.folder / "sandbox.log").read_text())

    def deployed_variables(self, server) -> dict[str, dict[str, str]]:
        """The environment of each function as CloudFormation made it."""
        server.reset()
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w") as archive:
            archive.writestr("bootstrap", "program")
        s3, cloudformation = client("s3"), client("cloudformation")
        s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="code", Key="code.zip", Body=memory.getvalue())
        text = (ROOT / "template.yaml").read_text(encoding="utf-8")
        text = pinned(re.sub(r"CodeUri: target/lambda/[a-z-]+/", "CodeUri: s3://code/code.zip", text), PARAMETERS)
        s3.put_object(Bucket="code", Key="template.yaml", Body=text.encode())
        name = {"StackName": "product", "ChangeSetName": "first"}
        cloudformation.create_change_set(
            **name,
            ChangeSetType="CREATE",
            TemplateURL=f"https://code.s3.{REGION}.amazonaws.com/template.yaml",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS.items()],
        )
        cloudformation.execute_change_set(**name)
        for secret, value in VALUES.items():
            identity = f"cargotech-driver/{secret}"
            client("secretsmanager").put_secret_value(SecretId=identity, SecretString=json.dumps(value))
        made = client("lambda").list_functions()["Functions"]
        # moto would call the functions in containers for each message; here this test is Lambda.
        for queue in sqs_backends[ACCOUNT][REGION].queues.values():
            queue.lambda_event_source_mappings.clear()
        upstream = {
            "CARGOTECH_BASE_URL": f"{self.sandbox}/_cargotech",
            "TELEGRAM_BASE_URL": f"{self.sandbox}/_telegram",
            "YOOKASSA_BASE_URL": f"{self.sandbox}/_yookassa/v3",
            # The test is quicker than a thumb.
            "RATE_LIMIT_PER_S": "100",
        }
        found = {}
        for function in made:
            name = re.sub(
                r"(?<!^)([A-Z])", r"-\1", function["FunctionName"].split("-")[1].removesuffix("Function")
            ).lower()
            found[name] = function["Environment"]["Variables"] | upstream | server.environment
        return found

    def template_routes(self) -> dict[str, str]:
        """The function of each route, by the template."""
        routes, text = {}, (ROOT / "template.yaml").read_text(encoding="utf-8")
        for block in text.split("Type: AWS::Serverless::Function")[1:]:
            name = re.search(r"CodeUri: target/lambda/([a-z-]+)/", block)[1]
            block = block.split("\n  # ---")[0]
            for method, path in re.findall(
                r"Type: HttpApi\n\s+Properties:\n\s+ApiId: !Ref Api\n\s+Method: (\w+)\n\s+Path: (\S+)", block
            ):
                routes[f"{method} {path}"] = name
        return routes

    def function(self, name: str, timeout_s: float = 30) -> Lambda:
        if name not in self.functions:
            log = self.folder / f"{name}.log"
            self.functions[name] = Lambda(runtime.program(name), self.variables[name], log, timeout_s)
        return self.functions[name]

    def ask(self, route: str, *, body=None, query="", edge=True, headers=None, source_ip="203.0.113.1", **parameters):
        """A request of the driver's to the function of this route, past nobody: its status, headers and body."""
        method, path = route.split(" ")
        for name, value in parameters.items():
            path = path.replace(f"{{{name}}}", urllib.parse.quote(value))
        sent = {"content-type": "application/json"} | ({"x-origin-token": self.origin_token} if edge else {})
        sent |= {"authorization": f"Bearer {self.session}"} if self.session else {}
        text = json.dumps(body) if isinstance(body, dict) else body
        event = http_event(
            method,
            path,
            route,
            headers=sent | (headers or {}),
            body=text,
            query=query,
            source_ip=source_ip,
            parameters=parameters or None,
        )
        posted = self.function(self.routes[route]).invoke(event)
        assert posted.kind == "response", f"{route}: {posted.kind} {posted.body[:500]}"
        answer = posted.json()
        content = answer.get("body") or ""
        raw = base64.b64decode(content) if answer.get("isBase64Encoded") else content.encode()
        return answer["statusCode"], answer["headers"], json.loads(raw) if raw else None

    def sign_in(self, driver: int) -> dict:
        """From here on it is this driver who asks."""
        status, _, signed_in = self.ask("POST /api/auth/telegram", body={"init_data": init_data(driver)})
        assert status == 200, signed_in
        self.session = signed_in["session_token"]
        return signed_in

    def drain(self, name: str, queue: str) -> list[str]:
        """Hands what is in a queue to its function, one by one, and takes away what the function took. Their bodies."""
        sqs, url = client("sqs"), self.variables[name][queue]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bodies = []
        while messages := sqs.receive_message(QueueUrl=url).get("Messages"):
            posted = self.function(name).invoke(queue_event(messages, arn))
            assert posted.kind == "response" and posted.json() == {"batchItemFailures": []}, posted
            sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
            bodies.append(messages[0]["Body"])
        return bodies

    def delayed(self, name: str, queue: str) -> int:
        """How many messages of a queue wait for their time."""
        attribute = "ApproximateNumberOfMessagesDelayed"
        found = client("sqs").get_queue_attributes(QueueUrl=self.variables[name][queue], AttributeNames=[attribute])
        return int(found["Attributes"][attribute])

    def sandbox_call(self, method: str, path: str, body: dict | None = None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            f"{self.sandbox}/_sandbox{path}", data, {"content-type": "application/json"}, method=method
        )
        return json.loads(urllib.request.urlopen(request, timeout=20).read())

    def texts(self, chat: int) -> list[str]:
        messages = self.sandbox_call("GET", f"/telegram/chats/{chat}")["messages"]
        return [message.get("text", "") for message in messages if message["from"]["is_bot"]]

    @staticmethod
    def secret(name: str) -> dict[str, str]:
        answer = client("secretsmanager").get_secret_value(SecretId=f"cargotech-driver/{name}")
        return json.loads(answer["SecretString"])

    def close(self) -> None:
        for function in self.functions.values():
            function.close()
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def world(server, tmp_path_factory):
    made = World(tmp_path_factory.mktemp("functions"), server)
    yield made
    made.close()


def init_data(user: int) -> str:
    """What Telegram signs when a driver opens the app, by its documentation."""
    fields = {
        "auth_date": str(int(time.time())),
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
        "user": json.dumps({"id": user, "first_name": "Иван", "language_code": "ru"}, ensure_ascii=False),
    }
    text = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.new(b"WebAppData", BOT_TOKEN.encode(), hashlib.sha256).digest()
    return urllib.parse.urlencode(fields | {"hash": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()})


def test_a_driver_signs_in_finds_a_cargo_responds_and_pays(world):
    signed_in = world.sign_in(DRIVER)
    assert signed_in["subscription"]["state"] == "trial"

    status, headers, found = world.ask("GET /api/cargos", query="limit=5")
    assert status == 200 and len(found["items"]) == 5 and headers["x-cargo-cache"] == "miss"
    status, headers, again = world.ask("GET /api/cargos", query="limit=5")
    assert (status, headers["x-cargo-cache"], again) == (200, "hit", found)
    unchanged = {"if-none-match": headers["etag"]}
    assert world.ask("GET /api/cargos", query="limit=5", headers=unchanged)[0] == 304
    cargo = str(found["items"][0]["id"])
    status, _, detail = world.ask("GET /api/cargos/{id}", id=cargo)
    assert status == 200 and detail["locked"] == [] and detail["cargo"]["contacts"] is not None
    assert world.ask("GET /api/dictionaries/truck-types")[0] == 200

    answer = {"phone": "+79161234567", "name": "Иван", "comment": "Могу завтра"}
    status, _, responded = world.ask("POST /api/cargos/{id}/responses", body=answer, id=cargo)
    assert status == 201, responded
    assert world.ask("POST /api/cargos/{id}/responses", body=answer, id=cargo)[0] == 200
    before = len(world.texts(DISPATCHERS))
    assert world.drain("notify", "NOTIFY_QUEUE_URL")
    assert len(world.texts(DISPATCHERS)) == before + 1
    status, _, listed = world.ask("GET /api/responses")
    assert [each["cargo_id"] for each in listed["items"]] == [responded["response"]["cargo_id"]]

    order = {"plan": world.ask("GET /api/plans")[2]["items"][0]["id"], "email": "driver@example.org"}
    status, _, ordered = world.ask(
        "POST /api/payments", body=order, headers={"idempotency-key": "an-order-of-one-driver"}
    )
    assert status == 201, ordered
    payment = ordered["payment"]
    theirs = payment["confirmation_url"].rsplit("/", 1)[1]
    world.sandbox_call("POST", f"/yookassa/payments/{theirs}/pay", {"card": "5555555555554444"})
    notification = {
        "type": "notification",
        "event": "payment.succeeded",
        "object": {"id": theirs, "status": "succeeded"},
    }
    called = {"body": notification, "edge": False, "token": WEBHOOK_TOKEN}
    assert world.ask("POST /webhooks/yookassa/{token}", source_ip="198.51.100.7", **called)[0] == 403
    assert world.drain("settle", "SETTLE_QUEUE_URL") == []
    for _ in range(2):
        assert world.ask("POST /webhooks/yookassa/{token}", source_ip="185.71.76.1", **called)[0] == 200
    # YooKassa is asked at once, and for the repeat once more when a minute is over.
    assert len(world.drain("settle", "SETTLE_QUEUE_URL")) == 1
    assert world.delayed("settle", "SETTLE_QUEUE_URL") == 1
    status, _, shown = world.ask("GET /api/payments/{id}", id=payment["id"])
    assert status == 200 and shown["payment"]["status"] == "succeeded"
    status, _, subscription = world.ask("GET /api/subscription")
    assert subscription["state"] == "active" and 28 <= subscription["days_left"] <= 35
    world.drain("notify", "NOTIFY_QUEUE_URL")
    assert any("одписк" in text for text in world.texts(DRIVER))


def test_admins_look_through_the_index_of_lists(world):
    for path in ("payments", "drivers", "audit"):
        status, _, listed = world.ask(f"GET /api/admin/{path}")
        assert status == 200, (path, listed)
        if path == "payments":
            assert [each["status"] for each in listed["items"]] == ["succeeded"]
    status, _, code = world.ask(
        "POST /api/admin/promo-codes",
        body={"code": "SUMMER", "action": "extend", "days": 7, "max_uses": 1, "enabled": True},
    )
    assert status == 201, code
    status, _, refused = world.ask("POST /api/promo-codes/redeem", body={"code": "SUMMER"})
    assert status == 409 and refused["code"] == "promo_code_own"
    admins = world.session
    world.sign_in(OTHER_DRIVER)
    status, _, redeemed = world.ask("POST /api/promo-codes/redeem", body={"code": "SUMMER"})
    assert status == 200 and redeemed["days_added"] == 7, redeemed
    assert world.ask("POST /api/promo-codes/redeem", body={"code": "SUMMER"})[0] == 409
    world.session = admins


def test_every_schedule_of_the_template_is_served(world):
    jobs = re.findall(r"Input: '(\{\"job\":\"[a-z-]+\"\})'", (ROOT / "template.yaml").read_text(encoding="utf-8"))
    assert len(jobs) >= 6
    for job in jobs:
        name = "market" if "sweep-market" in job else "jobs"
        posted = world.function(name, 60).invoke(json.loads(job))
        assert posted.kind == "response", (job, posted)
    measured = {"jobs": ["SecretAge", "OldestUnsettledPayment", "JobRan"], "market": ["MarketAge", "MarketSize"]}
    for name, metrics in measured.items():
        counted = world.function(name).log.read_text(encoding="utf-8")
        for metric in metrics:
            of_this_stack = rf'"Namespace":"CargoTechDriver/product","Dimensions":[^}}]*"Name":"{metric}"'
            assert re.search(of_this_stack, counted), metric
    unknown = world.function("jobs").invoke({"job": "sing"})
    # It fails, so that Lambda's metric of errors has it.
    assert unknown.kind == "error" and b"there is no job" in unknown.body


def test_a_batch_of_messages_with_a_poisoned_one_gives_back_that_one_alone(world):
    messages = [
        {"MessageId": "first", "Body": "not a message of ours"},
        {"MessageId": "second", "Body": json.dumps({"payment": "00000000-0000-5000-8000-000000000000"})},
    ]
    posted = world.function("settle").invoke(queue_event(messages, "arn:aws:sqs:eu-central-1:123456789012:settle"))
    assert posted.kind == "response"
    assert {"itemIdentifier": "first"} in posted.json()["batchItemFailures"]
    # A hint to nothing does no harm.
    posted = world.function("notify").invoke(queue_event(messages[:1], "arn:aws:sqs:eu-central-1:123456789012:notify"))
    assert posted.json() == {"batchItemFailures": []}


def test_an_alarm_of_the_topic_is_taken(world):
    assert world.function("alarms").invoke(topic_event('{"AlarmName":"a","NewStateValue":"ALARM"}')).kind == "response"


def test_every_program_starts_and_survives_a_poisoned_event(world):
    assert len(API_FUNCTIONS) == len(world.variables) >= 19
    good = {name: route for route, name in world.routes.items()}
    for name in API_FUNCTIONS:
        function = world.function(name)
        for poison in (b'{"nonsense": true}', b"[]", b'"text"', b"null", b'{"Records": "none"}', b'{"version": "2.0"}'):
            posted = function.invoke(poison)
            assert posted.kind in ("response", "error"), (name, poison, posted)
        starts = function.starts
        if name in good:
            method, path = good[name].split(" ")
            event = http_event(method, path, good[name])
            posted = function.invoke(event)
            # Without CloudFront's proof: refused, and alive.
            assert posted.kind == "response" and posted.json()["statusCode"] in (401, 403), (name, posted)
        assert function.starts == starts, f"{name} had to be started again"


def test_a_cold_start_comes_before_the_first_answer_only(world):
    function = Lambda(runtime.program("health"), world.variables["health"], world.folder / "cold.log", 30)
    event = http_event("GET", "/api/health", "GET /api/health", headers={"x-origin-token": world.origin_token})
    cold, warm = function.invoke(event), function.invoke(event)
    function.close()
    assert cold.json()["statusCode"] == warm.json()["statusCode"] == 200
    assert function.starts == 1
    # Lambda gives a start ten seconds.
    assert cold.seconds < 10


def test_a_start_without_its_secrets_says_so_and_ends(world):
    variables = world.variables["auth"] | {"SECRETS_PREFIX": "nothing-here"}
    function = Lambda(runtime.program("auth"), variables, world.folder / "no-secrets.log", 30)
    posted = function.invoke(http_event("POST", "/api/auth/telegram", "POST /api/auth/telegram"))
    function.close()
    assert posted.kind in ("init error", "ended")
    said = (world.folder / "no-secrets.log").read_text()
    assert "the function cannot start" in said and "nothing-here" in said


def test_an_answer_comes_before_the_deadline_whatever_the_upstream_does(world):
    world.sandbox_call("PUT", "/cargotech", {"latency_ms": 60000})
    try:
        # As long as the template lets the function run.
        function = world.function("cargo-list")
        status, _, problem = world.ask("GET /api/cargos", query="mode=my&limit=7")
        assert status in (502, 503) and problem["code"] == "upstream_unavailable"
    finally:
        world.sandbox_call("PUT", "/cargotech", {"latency_ms": 0})
    assert function.starts == 1


def test_a_function_that_is_killed_at_its_deadline_is_started_again_and_nothing_is_sent_twice(world):
    sent = len(world.texts(DISPATCHERS))
    function = Lambda(runtime.program("cargo-list"), world.variables["cargo-list"], world.folder / "killed.log", 1.5)
    world.sandbox_call("PUT", "/cargotech", {"latency_ms": 60000})
    headers = {"x-origin-token": world.origin_token, "authorization": f"Bearer {world.session}"}
    event = http_event("GET", "/api/cargos", "GET /api/cargos", headers=headers, query="mode=my&limit=9")
    try:
        assert function.invoke(event).kind == "killed"
    finally:
        world.sandbox_call("PUT", "/cargotech", {"latency_ms": 0})
    function.timeout_s = 30
    posted = function.invoke(event)
    function.close()
    # The lease of the one that was killed is waited for, not for ever.
    assert posted.kind == "response" and function.starts == 2, posted
    assert len(world.texts(DISPATCHERS)) == sent


@pytest.mark.parametrize("size", [100_000, 5_900_000, 6_500_000])
def test_a_body_above_the_limit_is_refused_and_the_function_goes_on(world, size):
    body = "x" * size
    for route in ("POST /api/auth/telegram", "PUT /api/me", "POST /api/payments"):
        status, _, problem = world.ask(route, body=body)
        assert (status, problem["code"]) == (413, "body_too_large"), route
    # Telegram repeats what is not acknowledged, so what can never be read is acknowledged and put aside.
    proof = {"x-telegram-bot-api-secret-token": WEBHOOK_SECRET}
    assert world.ask("POST /webhooks/telegram", body=body, edge=False, headers=proof)[0] == 204
    assert world.ask("GET /api/me")[0] == 200


def test_a_rotated_session_key_signs_nobody_out(world):
    held = world.secret("session")
    fresh = json.dumps({"current": "n" * 64, "previous": held["current"], "rotated_at": "2026-01-01T00:00:00+00:00"})
    client("secretsmanager").put_secret_value(SecretId="cargotech-driver/session", SecretString=fresh)
    # A new instance has read the new keys, one that runs the ones before.
    function = Lambda(runtime.program("me"), world.variables["me"], world.folder / "rotated.log", 30)
    headers = {"x-origin-token": world.origin_token, "authorization": f"Bearer {world.session}"}
    posted = function.invoke(http_event("GET", "/api/me", "GET /api/me", headers=headers))
    function.close()
    assert posted.json()["statusCode"] == 200
    status, _, refreshed = world.ask("POST /api/auth/refresh")
    assert status == 200
    world.session = refreshed["session_token"]
    assert world.ask("GET /api/me")[0] == 200


def test_cloudfront_gets_through_with_its_new_proof_and_with_the_one_before(world):
    def status(function: Lambda, token: str) -> int:
        event = http_event("GET", "/api/health", "GET /api/health", headers={"x-origin-token": token})
        return function.invoke(event).json()["statusCode"]

    def started(name: str) -> Lambda:
        return Lambda(runtime.program("health"), world.variables["health"], world.folder / f"{name}.log", 30)

    before, new = world.origin_token, "n" * 48
    running = started("edge-running")
    assert status(running, before) == 200
    secret = {"SecretId": "cargotech-driver/edge"}
    rotated = json.dumps({"origin_token": new, "previous": before, "rotated_at": "2026-11-21T08:00:00+00:00"})
    client("secretsmanager").put_secret_value(**secret, SecretString=rotated)
    fresh = started("edge-fresh")
    assert [status(fresh, token) for token in (new, before, "x" * 48, "")] == [200, 200, 403, 403]
    # One that has kept the secret from before looks again, though not at every stranger's call.
    deadline = time.monotonic() + 15
    while status(running, new) != 200:
        assert time.monotonic() < deadline, "the new proof was not noticed"
        time.sleep(0.5)
    assert status(running, before) == 200 and status(running, "x" * 48) == 403
    client("secretsmanager").put_secret_value(**secret, SecretString=json.dumps({"origin_token": before}))
    for function in (running, fresh):
        function.close()


def test_the_look_from_outside_fits_the_product(world):
    """The checks of infra/deploy against the running product. Its front proves itself for everybody, so the one thing
    that cannot be seen here is the refusal of who goes past CloudFront."""
    if not (ROOT / "static-site/dist/index.html").exists():
        pytest.fail("the web app is not built: npm --prefix static-site run build")
    assert failures(world.sandbox, world.sandbox, 0) == ["the API refuses who goes past CloudFront"]
