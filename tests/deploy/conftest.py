"""What the tests share: an empty account, a copy of the project with stand-ins for its builds, a product to look at."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cloud import ACCOUNT, REGION, ROOT, Cloud

SECRETS = {
    "cargotech.phone": "+79161234567",
    "cargotech.password": "a password with spaces",
    "telegram.bot_token": "7000000001:AAexample-of-a-token",
    "telegram.webhook_secret": "a-webhook-secret-of-telegram",
    "yookassa.shop_id": "1000001",
    "yookassa.secret_key": "test_example-of-a-key",
    "yookassa.webhook_token": "a-webhook-token-of-yookassa",
}


@pytest.fixture(scope="session")
def server():
    with Cloud() as cloud:
        yield cloud


@pytest.fixture
def cloud(server) -> Cloud:
    server.reset()
    return server


@dataclass
class Outcome:
    """How a command ended and what it said."""

    status: int
    said: str


@dataclass
class Project:
    """A copy of what infra/deploy works on, whose programs are stand-ins, on its own PATH."""

    root: Path
    cloud: Cloud
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, module: str, *arguments: str) -> Outcome:
        """Runs a command where nobody can be asked."""
        done = subprocess.run(
            [sys.executable, "-m", f"deployment.{module}", *arguments],
            env=self.whole_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def talk(self, module: str, *arguments: str, answers: dict[str, str]) -> Outcome:
        """Runs a command at a terminal and answers its questions: the pattern of a question, the answer."""
        process, terminal = pty.fork()
        if process == 0:
            os.execve(
                sys.executable,
                [sys.executable, "-m", f"deployment.{module}", *arguments],
                self.whole_environment(),
            )
        said, unread, deadline = "", "", time.monotonic() + 120
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                part = os.read(terminal, 4096).decode()
            except OSError:
                break
            if not part:
                break
            said, unread = said + part, unread + part
            asked = next(
                (
                    pattern
                    for pattern in answers
                    if re.search(pattern + r"[^\n]*: ?$|" + pattern + r"[^\n]*\] $", unread)
                ),
                None,
            )
            if asked:
                unread = ""
                os.write(terminal, f"{answers[asked]}\n".encode())
        os.close(terminal)
        _, status = os.waitpid(process, 0)
        return Outcome(os.waitstatus_to_exitcode(status), said)

    def whole_environment(self) -> dict[str, str]:
        return (
            {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
            | {
                "PATH": f"{self.root}/bin:{os.environ['PATH']}",
                "PYTHONPATH": str(self.root / "infra"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "CALLS": str(self.root / "calls"),
            }
            | self.cloud.environment
            | self.environment
        )

    def calls(self) -> list[dict]:
        """What the stand-ins were called with."""
        path = self.root / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def version(self, version: str) -> None:
        """What the next builds make differs from what the last ones made."""
        self.environment["VERSION"] = version


@pytest.fixture
def project(tmp_path, cloud) -> Project:
    root = tmp_path / "project"
    shutil.copytree(ROOT / "infra/deployment", root / "infra/deployment", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "template.yaml", root / "template.yaml")
    shutil.copy(ROOT / "infra/edge.yaml", root / "infra/edge.yaml")
    (root / "static-site").mkdir()
    (root / "bin").mkdir()
    for name in ("cargo", "npm", "python3", "rustc"):
        program = root / "bin" / name
        program.write_text(f"#!{sys.executable}\n" + (ROOT / "tests/deploy/stand_in.py").read_text())
        program.chmod(0o755)
    (root / "infra/stages").mkdir()
    write_stage(root, "staging", ACCOUNT)
    return Project(root, cloud, {"VERSION": "1"})


def write_stage(root: Path, name: str, account: str, **parameters: str) -> None:
    values = {
        "Architecture": "x86_64",
        "TelegramAppUrl": "https://t.me/bot/app",
        "SupportUrl": "https://t.me/support",
        "DispatchChatId": "-1001234567890",
    } | parameters
    lines = "\n".join(f"{key} = {value}" for key, value in values.items())
    text = f"[aws]\naccount = {account}\nregion = {REGION}\n\n[parameters]\n{lines}\n"
    (root / "infra/stages" / f"{name}.ini").write_text(text)


@dataclass
class Outside:
    """What answers at the addresses of a deployment: a stand-in for the deployed product, which can be broken."""

    site: str
    api: str
    broken: set[str]

    def options(self) -> list[str]:
        return ["--site", self.site, "--api", self.api, "--patience", "0"]


@pytest.fixture
def outside():
    broken: set[str] = set()
    page = b'<link href="/app/assets/index-aaaaaaaa.css"><script src="/app/assets/index-bbbbbbbb.js"></script>'
    policy = {
        "content-security-policy": "default-src 'none'; script-src 'self'",
        "strict-transport-security": "max-age=63072000",
    }
    kept = {"cache-control": "public, max-age=31536000, immutable"}

    def answers(edge: bool) -> dict[tuple[str, str], tuple[int, dict[str, str], bytes]]:
        healthy = json.dumps({"status": "ok", "store": "unavailable" if "store" in broken else "ok"}).encode()
        api = {
            ("GET", "/api/health"): (200, {}, healthy),
            ("GET", "/api/me"): (401, {}, b'{"code":"session_missing"}'),
        }
        if edge:
            return api | {
                ("GET", "/app/"): (
                    200,
                    {"content-type": "text/html", "cache-control": "no-cache"} | ({} if "policy" in broken else policy),
                    page,
                ),
                ("GET", "/app/assets/index-aaaaaaaa.css"): (200, kept | {"content-type": "text/css"}, b"a{}"),
                ("GET", "/app/assets/index-bbbbbbbb.js"): (200, kept | {"content-type": "text/javascript"}, b"1"),
            }
        hooks = 200 if "webhook" in broken else 403
        refused = {
            ("GET", "/api/health"): (403, {}, b"{}"),
            ("POST", "/webhooks/telegram"): (403, {}, b"{}"),
            ("POST", "/webhooks/yookassa/not-the-token"): (hooks, {}, b"{}"),
        }
        return api | refused if "origin" not in broken else refused | api

    def serve(edge: bool) -> ThreadingHTTPServer:
        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                status, headers, body = answers(edge).get((self.command, self.path), (404, {}, b""))
                self.send_response(status)
                for name, value in (headers | {"content-length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    servers = [serve(True), serve(False)]
    site, api = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    yield Outside(site, api, broken)
    for server in servers:
        server.shutdown()
        server.server_close()
