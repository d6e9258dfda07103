"""Killing web, worker and prober at random while services break: every interval stays right, nothing is doubled.

`TAXOPS_KILLS` says how many kills (4 if unset; `./run bench kill50` makes it 50), `TAXOPS_KILL_SEED`
which random sequence.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from .stage import Stage, millis, until

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.real,
    pytest.mark.timeout(3600),
]

KILLS = int(os.environ.get("TAXOPS_KILLS") or 4)
SEED = int(os.environ.get("TAXOPS_KILL_SEED") or 20260601)
VICTIMS = ("web", "worker", "prober")
PICKY_MS = 250
CRITICAL = 2
PATIENCE_S = 120.0
SCENES = (
    ("nginx", "nginx", "stop"),
    ("redis", "redis", "hang"),
    ("dns", "dns", "error"),
    ("acceptance", "http", "error"),
    ("postgres", "sql", "stop"),
)
"""Which service breaks how, and which kind of check is followed."""


@dataclass(slots=True)
class Act:
    """One scripted outage: what the keeper says it did, and when."""

    check: dict[str, Any]
    broken: dict[str, Any]
    healed: dict[str, Any]


@dataclass(slots=True)
class Killer:
    """Kills a random process every few seconds, from its own thread."""

    stage: Stage
    wanted: int
    dice: random.Random
    done: list[tuple[str, float]] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while len(self.done) < self.wanted:
            time.sleep(self.dice.uniform(2.0, 7.0))
            name = self.dice.choice(VICTIMS)
            pid = self.stage.pids().get(name)
            if pid is None:
                continue  # it is just being started again
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            self.done.append((name, time.time()))
        self.enough.set()


def _check(stage: Stage, service: str, kind: str) -> dict[str, Any]:
    if service == "dns":
        return stage.named("fpcy-dns")
    if service == "postgres":
        return stage.named("dzdz-db")
    return stage.check_of(service, kind)


def _act(stage: Stage, service: str, check: dict[str, Any], mode: str, dice: random.Random) -> Act:
    """Break, wait until it is known, keep it so for a while, heal, wait until that is known."""
    broken = stage.break_(service, mode)
    since = broken["began_ms"] - 5000
    until(lambda: stage.outages(check, since), PATIENCE_S, f"an outage of {check['name']}", stage.words)
    time.sleep(dice.uniform(0.0, 4.0))
    healed = stage.heal(service)
    until(
        lambda: all(outage["ended_at"] for outage in stage.outages(check, since)),
        PATIENCE_S,
        f"the end of the outage of {check['name']}",
        stage.words,
    )
    return Act(check, broken, healed)


def test_kills_neither_move_nor_double_an_outage(stage: Stage) -> None:
    dice = random.Random(SEED)
    scenes = [scene for scene in SCENES if stage.lab[scene[0]].installed]
    checks = {service: _check(stage, service, kind) for service, kind, _ in scenes}
    for check in checks.values():
        stage.settled(check, 120)
    began_ms = time.time_ns() // 1_000_000
    killer = Killer(stage, KILLS, random.Random(SEED + 1))
    thread = threading.Thread(target=killer.run, daemon=True)
    thread.start()
    acts: list[Act] = []
    number = 0
    while not killer.enough.is_set() or number < 2:
        service, _, mode = scenes[number % len(scenes)]
        acts.append(_act(stage, service, checks[service], mode, dice))
        number += 1
    thread.join()
    for act in acts:
        _right(stage, act)
    _nothing_doubled(stage, acts, began_ms)
    lost = sum(1 for name, _ in killer.done if name == "prober")
    print(f"{len(killer.done)} kills ({lost} of the prober) during {len(acts)} outages: all intervals right")


def _right(stage: Stage, act: Act) -> None:
    """Compare one outage with the script: the first probe that could see the break, the first that saw it healed."""
    since, over = act.broken["began_ms"] - 5000, act.healed["done_ms"] + 5000
    found = [o for o in stage.outages(act.check, since) if (millis(o["started_at"]) or 0) <= over]
    assert len(found) == 1, f"{act.check['name']}: {found} for {act.broken} … {act.healed}"
    started, ended = millis(found[0]["started_at"]), millis(found[0]["ended_at"])
    assert started is not None
    assert ended is not None
    probe_ms = act.check["definition"]["timeout_s"] * 1000 + PICKY_MS
    results = [r for r in stage.results(act.check, since - 30_000) if not r["suspect"]]
    assert started in [r["at_ms"] for r in results if r["code"] == CRITICAL]
    assert ended in [r["at_ms"] for r in results if r["code"] != CRITICAL]
    # it began and ended where the script says, seen by the first probe that was made after it
    assert started >= act.broken["began_ms"] - probe_ms
    assert ended >= act.healed["began_ms"] - probe_ms
    assert not [r for r in results if act.broken["done_ms"] + PICKY_MS < r["at_ms"] < started], (
        "an earlier probe saw it"
    )
    assert not [r for r in results if act.healed["done_ms"] + PICKY_MS < r["at_ms"] < ended], (
        "an earlier probe was good"
    )
    assert all(r["code"] == CRITICAL for r in results if started <= r["at_ms"] < ended)


def _nothing_doubled(stage: Stage, acts: list[Act], began_ms: int) -> None:
    for check in {act.check["id"]: act.check for act in acts}.values():
        outages = stage.outages(check, began_ms - 5000)
        mine = [act for act in acts if act.check["id"] == check["id"]]
        assert len(outages) == len(mine), f"{check['name']}: {len(outages)} outages for {len(mine)} breaks"
        ends = [millis(outage["ended_at"]) or 0 for outage in outages]
        starts = [millis(outage["started_at"]) or 0 for outage in outages]
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False)), "outages overlap"
        instants = [r["at_ms"] for r in stage.results(check, began_ms)]
        assert len(instants) == len(set(instants)), f"{check['name']}: a result is stored twice"
    alerts = [alert["outage_id"] for alert in stage.items("monitoring/alerts") if alert["outage_id"]]
    assert len(alerts) == len(set(alerts)), "an outage has two alerts"
