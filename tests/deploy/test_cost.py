"""The estimate of what a month costs: prices times what was measured, and nothing else."""

import json
import subprocess

import pytest
from conftest import ROOT

COST = ROOT / "tests/bench/cost"


@pytest.fixture
def estimate(tmp_path):
    usage = json.loads((ROOT / "tests/bench/usage.json").read_text())
    calls = {route: {"UpdateItem app": 1} for route in usage["requests_a_day"]}
    calls["GET /api/cargos"] = {"UpdateItem app": 1, "BatchGetItem app+cache": 1}
    calls["POST /api/auth/telegram"] = {"TransactWriteItems app": 2}
    store = [{"route": route, "calls": made, "answer_bytes": 3000} for route, made in calls.items()]
    figures = tmp_path / "figures.json"
    figures.write_text(json.dumps({"conditions": {"commit": "0"}, "store": store}))

    def run(drivers):
        given = ["--json", "--drivers", str(drivers), "--figures", figures]
        told = subprocess.run([COST, *given], check=True, capture_output=True)
        return json.loads(told.stdout)

    return run


def test_a_request_costs_its_gateway_its_6_ms_and_its_store_calls(estimate):
    routes = estimate(1000)["dollars_per_million_requests"]
    front = 1.00 + 0.20 + 0.04
    assert routes["GET /api/me"] == pytest.approx(front + 0.625, abs=0.01)
    assert routes["GET /api/cargos"] == pytest.approx(front + 0.625 + 4 * 0.5 * 0.125, abs=0.01)
    assert routes["POST /api/auth/telegram"] == pytest.approx(front + 2 * 10 * 0.625, abs=0.01)


def test_what_is_not_fixed_grows_with_the_drivers(estimate):
    one, some, twice = (estimate(drivers) for drivers in (1, 50_000, 100_000))
    assert twice["total"] - some["total"] == pytest.approx(some["total"] - one["total"], abs=0.1)
    for part, dollars in one["dollars_a_month"].items():
        if "fixed" in part:
            assert dollars == twice["dollars_a_month"][part], part
        else:
            # The jobs' part of Lambda does not grow.
            assert dollars < 0.1 < 10 < twice["dollars_a_month"][part], part


def test_a_number_of_drivers_that_is_none_is_refused(estimate):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        estimate(0)
    assert b"--drivers" in refused.value.stderr


def test_without_figures_it_says_how_to_get_them(tmp_path):
    told = subprocess.run([COST, "--figures", tmp_path / "none.json"], capture_output=True, text=True)
    assert (told.returncode, "run tests/bench/run first" in told.stderr) == (2, True)
