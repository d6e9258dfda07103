"""Scripted timelines: push at t1, expect between t2 and t3."""

from __future__ import annotations

import json
from typing import Any

from taxops.engines.alerts import Changes, Delivery, Desk, Plan, Signal, Silence, parse_matchers, parse_plan


def stored(changes: Changes) -> Changes:
    """Return changes as a store gives them back."""
    return Changes(
        {key: json.loads(json.dumps(state)) for key, state in changes.groups.items()},
        {key: json.loads(json.dumps(state)) for key, state in changes.members.items()},
    )


class Story:
    """A timeline in seconds; time advances a tick at a time, and the desk may be restarted at any tick."""

    def __init__(self, plan: dict[str, Any], *, restart_every: int = 0) -> None:
        self.plan: Plan = parse_plan(plan)
        self.desk = Desk(self.plan, self._open)
        self.now = 0
        self.sent: list[tuple[float, Delivery]] = []
        self.restart_every = restart_every
        self.open: dict[str, tuple[int, int]] = {}
        self.silences: list[Silence] = []

    def _open(self, name: str, at_ms: int) -> bool:
        low, high = self.open.get(name, (0, 0))
        return low * 1000 <= at_ms < high * 1000

    def push(self, at: int, firing: bool = True, **labels: str) -> None:
        """Run to `at` and push a signal."""
        self.run(at)
        self.desk.receive(Signal(labels, at * 1000, firing, f"{labels}"))

    def resolve(self, at: int, **labels: str) -> None:
        """Run to `at` and push a recovery."""
        self.push(at, firing=False, **labels)

    def silence(self, at: int, until: int, *matchers: str) -> None:
        """Run to `at` and keep matching alerts quiet."""
        self.run(at)
        silence = Silence(
            f"s{len(self.silences)}", parse_matchers(matchers), at * 1000, until * 1000, "甲", "换线"
        )
        self.silences.append(silence)
        self.desk.silence(silence)

    def run(self, until: int) -> None:
        """Advance second by second."""
        while self.now < until:
            self.now += 1
            if self.restart_every and self.now % self.restart_every == 0:
                self.desk = Desk.load(stored(self.desk.whole()), self.plan, self._open)
                for silence in self.silences:
                    self.desk.silence(silence)
            self.sent.extend((self.now, d) for d in self.desk.advance(self.now * 1000))

    def told(self) -> list[tuple[float, str, list[str], list[str]]]:
        """Return `(second, reason, firing checks, resolved checks)` of everything sent."""
        return [
            (
                at,
                d.reason.value,
                sorted(a.labels["check"] for a in d.firing),
                sorted(a.labels["check"] for a in d.resolved),
            )
            for at, d in self.sent
        ]
