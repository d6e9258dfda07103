"""Bands of a check: the rules with how each metric stands now (基线)."""

from __future__ import annotations

from typing import NamedTuple

from taxops.engines.checks import BandRule, parse_bands
from taxops.systems.operations.monitoring.models import BandState, Check


class Banded(NamedTuple):
    """One rule with its last judgement, if there was one (基线与状态)."""

    rule: BandRule
    state: BandState | None


def bands_of(check: Check) -> list[Banded]:
    """Return a check's bands; one query."""
    states = {row.metric: row for row in BandState.objects.filter(check_row=check)}
    return [Banded(rule, states.get(rule.metric)) for rule in parse_bands(check.bands)]
