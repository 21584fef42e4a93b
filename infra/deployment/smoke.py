"""A look at the deployed product from outside: does it serve, and does it refuse what it has to."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def ask(address: str, method: str = "GET") -> Answer:
    """One request; an answer of any status is an answer."""
    body = b"{}" if method == "POST" else None
    request = urllib.request.Request(address, body, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=15) as response:
            status, headers, content = response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        status, headers, content = error.code, error.headers, error.read()
    lower = {name.lower(): value for name, value in headers.items()}
    return Answer(status, lower, content.decode("utf-8", "replace"))


def check(holds: bool, finding: str) -> None:
    if not holds:
        raise AssertionError(finding)


def serves(site: str, _: str) -> None:
    answer = ask(f"{site}/api/health")
    check(answer.status == 200, f"/api/health answers {answer.status}")
    health = json.loads(answer.body)
    check(health["status"] == "ok" and health["store"] == "ok", f"/api/health says {answer.body}")


def shows_the_page(site: str, _: str) -> None:
    answer = ask(f"{site}/app/")
    check(answer.status == 200, f"/app/ answers {answer.status}")
    check(answer.headers.get("content-type", "").startswith("text/html"), "/app/ is no page")
    check(answer.headers.get("cache-control") == "no-cache", "/app/ may be kept by caches")
    policy = answer.headers.get("content-security-policy", "")
    check("default-src 'none'" in policy and "unsafe" not in policy, f"/app/ has the security policy {policy!r}")
    check("strict-transport-security" in answer.headers, "/app/ does not insist on https")
    assets = re.findall(r'(?:src|href)="(/app/assets/[^"]+)"', answer.body)
    check(bool(assets), "/app/ names no files")
    for path in assets:
        asset = ask(site + path)
        check(asset.status == 200, f"{path} answers {asset.status}")
        check("immutable" in asset.headers.get("cache-control", ""), f"{path} is not kept by caches")
        kind = "text/javascript" if path.endswith(".js") else "text/css"
        check(asset.headers.get("content-type", "").startswith(kind), f"{path} is not {kind}")


def asks_who_comes(site: str, _: str) -> None:
    answer = ask(f"{site}/api/me")
    check(answer.status == 401 and "session_missing" in answer.body, f"/api/me without a session: {answer.status}")


def refuses_who_goes_past_cloudfront(_: str, api: str) -> None:
    answer = ask(f"{api}/api/health")
    check(answer.status == 403, f"{api}/api/health answers {answer.status} past CloudFront")


def refuses_strangers_at_the_webhooks(_: str, api: str) -> None:
    for path in ("/webhooks/yookassa/not-the-token", "/webhooks/telegram"):
        answer = ask(f"{api}{path}", "POST")
        check(answer.status in (401, 403), f"{path} answers a stranger with {answer.status}")


CHECKS: list[tuple[str, Callable[[str, str], None]]] = [
    ("the API serves and reaches its store", serves),
    ("the page comes with its files, its security policy and its cache headers", shows_the_page),
    ("the API asks who comes", asks_who_comes),
    ("the API refuses who goes past CloudFront", refuses_who_goes_past_cloudfront),
    ("the webhooks refuse strangers", refuses_strangers_at_the_webhooks),
]


def failures(site: str, api: str, patience_s: float) -> list[str]:
    """What does not hold. A check is repeated for a while: names and edges need a moment after a deployment."""
    found = []
    deadline = time.monotonic() + patience_s
    for name, holds in CHECKS:
        while True:
            try:
                holds(site, api)
                print(f"  ok      {name}")
                break
            except (AssertionError, OSError, ValueError, KeyError) as error:
                if time.monotonic() < deadline:
                    time.sleep(min(5, patience_s))
                    continue
                print(f"  FAILED  {name}: {error}")
                found.append(name)
                break
    return found
