"""Revisions (修订): what late data made of frozen figures, shown beside them and never put in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .model import Result, SubjectKey
from .valuing import Number

Inputs = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Revision:
    """A frozen figure and what it would be today (修订值).

    Args:
        code: of the indicator.
        subject: whom it is about.
        frozen: as published.
        fresh: as computed from the data of today.
        causes: table → months whose content changed since.
    """

    code: str
    subject: SubjectKey
    frozen: Result
    fresh: Result
    causes: Mapping[str, tuple[str, ...]]

    @property
    def difference(self) -> Number | None:
        """Return by how much the value moved; None when one of the two has none."""
        if self.frozen.value is None or self.fresh.value is None:
            return None
        return self.fresh.value - self.frozen.value


def revise(
    frozen: Iterable[Result], fresh: Iterable[Result], before: Mapping[str, Inputs], now: Mapping[str, Inputs]
) -> list[Revision]:
    """Return what changed of frozen figures, by code and subject; equal figures are no revision.

    Args:
        frozen: published results of a period.
        fresh: results of the same codes and period, computed today.
        before: code → inputs of the published run (`Run.inputs`).
        now: code → inputs of today's run.
    """
    today = {(r.code, r.subject, r.period, r.mode): r for r in fresh}
    found = []
    for old in frozen:
        new = today.get((old.code, old.subject, old.period, old.mode))
        if new is not None and (old.num, old.den, old.value) != (new.num, new.den, new.value):
            causes = changed_inputs(before.get(old.code, {}), now.get(old.code, {}))
            found.append(Revision(old.code, old.subject, old, new, causes))
    return found


def changed_inputs(before: Inputs, now: Inputs) -> dict[str, tuple[str, ...]]:
    """Return table → months whose version differs between two sets of inputs."""
    found = {}
    for table in sorted({*before, *now}):
        old, new = before.get(table, {}), now.get(table, {})
        months = tuple(sorted(m for m in {*old, *new} if old.get(m) != new.get(m)))
        if months:
            found[table] = months
    return found
