"""How a check's state is shown (显示状态): what its results say, and whether they still come."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from taxops.systems.operations.monitoring.words import Shown

from . import codes

TONES: Mapping[str, str] = MappingProxyType(
    {
        Shown.OK: "good",
        Shown.WARNING: "warning",
        Shown.AFFECTED: "suspended",
        Shown.FLAPPING: "flapping",
        Shown.CONFIRMING: "warning",
        Shown.CRITICAL: "bad",
        Shown.UNKNOWN: "unknown",
        Shown.NO_DATA: "unknown",
        Shown.PENDING: "plain",
        Shown.SUSPENDED: "suspended",
        Shown.DISABLED: "suspended",
    }
)
"""The colour and shape of each state."""


_UNEASY = (Shown.CRITICAL, Shown.WARNING, Shown.CONFIRMING, Shown.FLAPPING)


def system_shown(
    counts: Mapping[str, int], *, down: bool, suspended: bool = False, has_tree: bool = False
) -> Shown:
    """Return the state of a system to show (系统显示状态), as lists and the wall do.

    Args:
        counts: how many of its enabled checks are in each shown state.
        down: whether an outage of the system goes on.
        suspended: inside an approved maintenance window.
        has_tree: whether it has a health tree of its own.

    >>> system_shown({"ok": 2, "no_data": 1}, down=False).label
    '未知'
    """
    total = sum(counts.values())
    dark = sum(counts.get(state, 0) for state in (Shown.NO_DATA, Shown.UNKNOWN, Shown.PENDING))
    if suspended:
        return Shown.SUSPENDED
    if down:
        return Shown.CRITICAL
    if not total and not has_tree:
        return Shown.PENDING
    if total and dark == total:
        return Shown.NO_DATA
    if any(counts.get(state) for state in _UNEASY):
        return Shown.WARNING
    if counts.get(Shown.AFFECTED):
        return Shown.AFFECTED
    return Shown.UNKNOWN if dark else Shown.OK


def shown_of(
    phase: int,
    verdict: int,
    *,
    unknown: bool = False,
    silent: bool = False,
    enabled: bool = True,
    suspended: bool = False,
    suppressed: bool = False,
    flapping: bool = False,
) -> Shown:
    """Return the state to show (显示状态); `queries.with_shown` says the same in SQL, a test compares.

    Args:
        phase: code of the phase.
        verdict: code of the last verdict.
        unknown: the check cannot be carried out at present.
        silent: results stopped coming (无数据).
        enabled: whether the check is carried out at all.
        suspended: inside an approved maintenance window.
        suppressed: its outage is the doing of what it depends on (受影响).
        flapping: it goes and comes too often for its present state to say much (抖动).

    >>> shown_of(codes.SOFT_BAD, 2).label, shown_of(codes.OK, 1).label
    ('确认中', '警告')
    """
    if not enabled:
        return Shown.DISABLED
    if suspended:
        return Shown.SUSPENDED
    if silent:
        return Shown.NO_DATA
    is_down = phase in {codes.HARD_BAD, codes.SOFT_GOOD}
    if is_down and suppressed:
        return Shown.AFFECTED
    if flapping:
        return Shown.FLAPPING
    if is_down:
        return Shown.CRITICAL
    if unknown:
        return Shown.UNKNOWN
    if phase == codes.SOFT_BAD:
        return Shown.CONFIRMING
    if phase == codes.PENDING:
        return Shown.PENDING
    return Shown.WARNING if verdict == 1 else Shown.OK
