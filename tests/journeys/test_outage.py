"""The main story: a real service is stopped; the outage, its exact interval, the alert and the recovery follow."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .stage import Stage, millis, until

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.real]

CRITICAL = 2
"""The code of a failed probe among single results."""
SECONDS_MORE = 2.0
"""What the platform may take beyond the check's own confirmations, as the requirement says."""
PICKY_MS = 250
"""How far a probe's own clock reading may lie from the keeper's, both on this machine."""

_SERVICES = [
    pytest.param("sqlite", "nginx", "nginx", "stop", id="sqlite-nginx-stopped"),
    pytest.param("sqlite", "acceptance", "http", "error", id="sqlite-acceptance-answers-500"),
    pytest.param("sqlite", "redis", "redis", "hang", id="sqlite-redis-hangs"),
    pytest.param("postgres", "nginx", "nginx", "stop", id="postgres-nginx-stopped"),
]
"""How a service breaks is the same on either database; one of them shows the whole path on PostgreSQL too."""


def _allowed_s(check: dict[str, Any]) -> float:
    """Return how long a check's own settings let detection take: one interval, then the confirmations."""
    told = check["definition"]
    each = told["timeout_s"]  # a hung target uses all of it
    return float(told["interval_s"] + (told["confirm"] - 1) * max(told["retry_interval_s"], each) + each)


@pytest.mark.parametrize(("stage", "service", "kind", "mode"), _SERVICES, indirect=["stage"], scope="package")
def test_a_broken_service_is_an_outage_with_exact_ends(
    stage: Stage, service: str, kind: str, mode: str
) -> None:
    if not stage.lab[service].installed:
        pytest.skip(f"本机没有 {service}，这一项没有测试")
    check = stage.check_of(service, kind)
    stage.settled(check)

    broken = stage.break_(service, mode)
    found = until(
        lambda: stage.outages(check, broken["began_ms"] - 10_000),
        _allowed_s(check) + 30,
        f"an outage of {check['name']}",
        stage.words,
    )
    took = time.time() - broken["done_ms"] / 1000
    outage = found[0]
    assert outage["ended_at"] is None
    assert took <= _allowed_s(check) + SECONDS_MORE, f"detection took {took:.1f} s"
    alerts = [alert for alert in stage.items("monitoring/alerts") if alert["outage_id"] == outage["id"]]
    assert [alert["state"] for alert in alerts] == ["open"]

    time.sleep(1)
    healed = stage.heal(service)
    until(
        lambda: stage.outages(check, broken["began_ms"] - 10_000)[0]["ended_at"],
        _allowed_s(check) + check["definition"]["recover"] * check["definition"]["interval_s"] + 30,
        f"the end of the outage of {check['name']}",
    )
    outages = stage.outages(check, broken["began_ms"] - 10_000)
    assert len(outages) == 1
    _exact(stage, check, outages[0], broken, healed)
    alerts = [alert for alert in stage.items("monitoring/alerts") if alert["outage_id"] == outage["id"]]
    assert [alert["state"] for alert in alerts] == ["resolved"]
    print(
        f"{service}/{mode}: detected {took:.2f} s after the break (allowed {_allowed_s(check) + SECONDS_MORE:.1f})"
    )


def _exact(
    stage: Stage,
    check: dict[str, Any],
    outage: dict[str, Any],
    broken: dict[str, Any],
    healed: dict[str, Any],
) -> None:
    """Compare an outage with the single results and with the instants at which the script acted."""
    started, ended = millis(outage["started_at"]), millis(outage["ended_at"])
    assert started is not None
    assert ended is not None
    told = check["definition"]
    results = stage.results(check, broken["began_ms"] - 20_000)
    bad = [r["at_ms"] for r in results if r["code"] == CRITICAL]
    good = [r["at_ms"] for r in results if r["code"] != CRITICAL and r["at_ms"] > bad[-1]]
    assert started == bad[0], "it begins with the first failed probe"
    assert ended == good[0], "it ends with the first good probe"
    probe_ms = told["timeout_s"] * 1000
    assert broken["began_ms"] - probe_ms - PICKY_MS <= started
    assert started <= broken["done_ms"] + told["interval_s"] * 1000 + probe_ms + PICKY_MS
    assert healed["began_ms"] - probe_ms - PICKY_MS <= ended
    assert (
        ended
        <= healed["done_ms"] + max(told["interval_s"], told["retry_interval_s"]) * 1000 + probe_ms + PICKY_MS
    )


def test_the_lab_and_the_site_know_the_same_services(stage: Stage) -> None:
    told = stage.taxops("lab", "status")["services"]
    assert {one["name"] for one in told if one["state"] == "running"} == {
        address.code for address in stage.lab.installed()
    }


def test_the_start_is_quick_enough(stage: Stage) -> None:
    print(f"ready in {stage.facts['seconds']} s on {stage.facts['database_url'].partition(':')[0]}")
    assert stage.facts["health"]["parts"]["database"]["status"] == "ok"
