"""Fuzzes the running product by openapi.yaml, as an owner and as a driver: whatever is sent, no answer is a 500.

    tests/fuzz/run                  both, about a minute each
    tests/fuzz/run --seconds 600    for longer

The product has drivers, responses, payments, promo codes and audit rows, and names in the paths are often theirs, so
that requests reach what is behind them. A failure prints the request that brought it about and the seed that finds it.
"""

import argparse
import datetime
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWNER = 5_100_000_000
# Ends the session that all the rest needs.
LEFT_OUT = ["/api/auth/logout"]


def world():
    """The product as the alarms' rehearsals start it."""
    loader = importlib.machinery.SourceFileLoader("rehearsals", str(ROOT / "tests/rehearse"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("rehearsals", loader))
    loader.exec_module(module)
    return module.World(ADMIN_TELEGRAM_IDS=str(OWNER), RATE_LIMIT_PER_S="1000000", MISSES_PER_MIN="100000")


def furnish(product, owner, driver):
    """Rows of every kind that the API lists, and what the names in its paths can be."""
    product.respond(driver, 2)
    status, order = product.order(driver)
    assert status == 201, order
    code = {"code": "FUZZ", "action": "extend", "days": 7, "max_uses": 100}
    status, answer = product.call("POST", "/api/admin/promo-codes", code, **owner)
    assert status == 201, answer
    lists = [
        "drivers",
        "payments",
        "subscriptions",
        "promo-codes",
        "audit",
        f"audit?driver_id={OWNER + 1}",
        "deliveries",
    ]
    pages = [product.call("GET", f"/api/admin/{one}{'&' if '?' in one else '?'}limit=1", **owner)[1] for one in lists]
    today = datetime.date.today()
    days = [today - datetime.timedelta(days=1), today, today + datetime.timedelta(days=1)]
    responses = product.call("GET", "/api/responses", **driver)[1]["items"]
    deliveries = product.call("GET", f"/api/admin/deliveries?driver_id={OWNER + 1}", **owner)[1]["items"]
    return {
        "drivers": [OWNER, OWNER + 1],
        "payments": [order["payment"]["id"]],
        "promo-codes": ["FUZZ"],
        "roles": [OWNER + 1],
        "cargos": [response["cargo_id"] for response in responses],
        "cargo": [response["cargo_id"] for response in responses],
        "deliveries": [delivery["id"] for delivery in deliveries],
        "flags": ["app.respond", "paid.list"],
        # In any order, and of any list.
        "cursor": [page["cursor"] for page in pages if page.get("cursor")],
        "from": [*map(str, days), "1970-01-01", "9999-12-30"],
        "until": [*map(str, days), "1970-01-01", "9999-12-30"],
    }


def described(known, folder):
    """The description with values that there are beside those that there could be, so that both are tried."""
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    for path, operations in document["paths"].items():
        parts = path.split("/")
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                name = parameter["name"]
                place = f"{{{name}}}"
                values = known.get(name) or (place in parts and known.get(parts[parts.index(place) - 1]))
                if values and parameter["in"] in ("path", "query"):
                    parameter["schema"] = {"anyOf": [{"enum": values}, parameter["schema"]]}
                    parameter["examples"] = {str(value): {"value": value} for value in values}
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    return file


def fuzz(name, description, address, headers, arguments):
    """Runs schemathesis; whether nothing was found."""
    command = [
        pathlib.Path(sys.executable).parent / "schemathesis",
        f"--config-file={ROOT / 'tests/fuzz/schemathesis.toml'}",
        "run",
        description,
        f"--url={address}",
        f"--header=authorization:{headers['authorization']}",
        "--checks=not_a_server_error",
        "--phases=examples,coverage,fuzzing",
        f"--max-time={arguments.seconds}",
        f"--seed={arguments.seed}",
        "--max-failures=20",
        "--continue-on-failure",
        "--no-shrink",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--warnings=off",
        "--workers=2",
        "--request-timeout=20",
        "--no-color",
        *(f"--exclude-path={path}" for path in LEFT_OUT),
    ]
    print(f"--- {name}", flush=True)
    # It writes what it keeps for itself into the folder it is run in.
    return subprocess.run(command, cwd=description.parent, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=70, help="for each of the two")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, world() as product:
        owner, driver = product.driver(0), product.driver(1)
        description = described(furnish(product, owner, driver), pathlib.Path(folder))
        ways = [("driver", driver), ("owner", owner)]
        sound = [fuzz(name, description, product.address, headers, arguments) for name, headers in ways]
        # Whoever was thrown out in between has tried nothing more.
        status, answer = product.call("GET", "/api/admin/me", **owner)
        assert status == 200, answer
        if not all(sound):
            raise SystemExit(f"found with --seed {arguments.seed}")


if __name__ == "__main__":
    main()
