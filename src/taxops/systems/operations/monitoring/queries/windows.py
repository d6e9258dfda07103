"""Maintenance: single windows and recurring rules, and the times that both agree on (维护窗口)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Q, QuerySet, Value, When

from taxops.engines.base import Interval, NotFound, Scope
from taxops.engines.checks import Exclusion, Window, exclusions, parse_repeat
from taxops.engines.worktime import shipped_legal_days
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import MaintenanceRule, MaintenanceWindow
from taxops.systems.operations.monitoring.words import WindowState

VIEW = "monitoring.view"
Rows = QuerySet[Any]
"""Windows with annotated columns, which the stubs do not know."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """What approved windows suspend at an instant (维护中的对象)."""

    systems: frozenset[int] = frozenset()
    checks: frozenset[int] = frozenset()

    def covers(self, check_id: int, system_id: int) -> bool:
        """Test whether a check is under maintenance itself or by its system."""
        return check_id in self.checks or system_id in self.systems


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One agreed time (维护时段): a single window, or one time of a recurring rule.

    Args:
        interval: from when until when.
        title: of the window or rule.
        reason: what was to be done.
        systems: ids of the systems it names.
        checks: ids of the checks it names.
        recurring: whether it is one time of a rule.
        pk: of the window or rule.
        asked_by: who asked.
        decided_by: who approved; another person.
        decided_at: when; may be after the fact (事后补批).
        state: of the window or rule; only approved ones exclude anything.
        asked_at: when it was entered.
    """

    interval: Interval
    title: str
    reason: str
    systems: frozenset[int]
    checks: frozenset[int]
    recurring: bool
    pk: int
    asked_by: str
    decided_by: str
    decided_at: datetime | None
    state: str
    asked_at: datetime | None = None

    @property
    def link(self) -> str:
        """Where it is shown."""
        return f"/operations/windows/{'rules/' if self.recurring else ''}{self.pk}/"

    @property
    def is_late(self) -> bool:
        """Test whether it was approved after it had begun (事后补批), which reports must say."""
        return self.decided_at is not None and self.decided_at > self.interval.start

    def names(self, *, check_id: int | None = None, system_id: int | None = None) -> bool:
        """Test whether it is about a check, or about a system as a whole."""
        return (check_id is not None and check_id in self.checks) or (
            system_id is not None and system_id in self.systems
        )

    def window(self) -> Window:
        """Return it as the engine's window."""
        approved = self.decided_at if self.state == WindowState.APPROVED else None
        return Window(
            self.interval.start,
            self.interval.end,
            approved,
            f"{self.title}#{'r' if self.recurring else ''}{self.pk}",
        )


_PEOPLE = ("requested_by", "decided_by")
_SUBJECTS = ("systems", "checks_in")


def agreed_between(
    start: datetime, end: datetime, *, states: Sequence[str] = ("approved",)
) -> list[Occurrence]:
    """Return what is agreed in `[start, end)`, single windows and times of rules, by start; six queries at most."""
    single = MaintenanceWindow.objects.filter(state__in=states, starts_at__lt=end, ends_at__gt=start)
    rules = MaintenanceRule.objects.filter(state__in=states, valid_from__lt=end).filter(
        valid_to__gt=start - timedelta(days=7)
    )
    return _occurrences(
        single.select_related(*_PEOPLE).prefetch_related(*_SUBJECTS),
        rules.select_related(*_PEOPLE).prefetch_related(*_SUBJECTS),
        Interval(start, end),
    )


def _occurrences(
    single: Iterable[MaintenanceWindow], rules: Iterable[MaintenanceRule], horizon: Interval
) -> list[Occurrence]:
    found = [_made(row, Interval(row.starts_at, row.ends_at), False) for row in single]
    legal = shipped_legal_days()
    for rule in rules:
        times = parse_repeat(rule.repeat).times(horizon, Interval(rule.valid_from, rule.valid_to), legal)
        found += [_made(rule, interval, True) for interval in times]
    return sorted(found, key=lambda one: (one.interval.start, one.interval.end, one.recurring, one.pk))


def _made(row: MaintenanceWindow | MaintenanceRule, interval: Interval, recurring: bool) -> Occurrence:
    return Occurrence(
        interval,
        row.title,
        row.reason,
        frozenset(system.pk for system in row.systems.all()),
        frozenset(check.pk for check in row.checks_in.all()),
        recurring,
        row.pk,
        str(row.requested_by or "平台"),
        str(row.decided_by or ""),
        row.decided_at,
        row.state,
        row.requested_at,
    )


def suspended_now(now: datetime) -> Suspended:
    """Return what approved windows and rules suspend at `now`; a fixed number of queries."""
    found = agreed_between(now, now + timedelta(microseconds=1))
    return Suspended(
        frozenset().union(*(one.systems for one in found)), frozenset().union(*(one.checks for one in found))
    )


def exclusions_of(
    outages: Sequence[Interval],
    start: datetime,
    end: datetime,
    *,
    check_id: int | None = None,
    system_id: int | None = None,
) -> list[tuple[Occurrence, Exclusion]]:
    """Return what approved maintenance takes out of one subject's outages (剔除明细): who, why, when, how much.

    The outages themselves stay as they were seen. A check's outage is excused by windows that name the
    check or its system; give both ids then.
    """
    named = [o for o in agreed_between(start, end) if o.names(check_id=check_id, system_id=system_id)]
    by_window = {one.window(): one for one in named}
    return [(by_window[found.window], found) for found in exclusions(outages, by_window)]


def with_phase(rows: QuerySet[MaintenanceWindow], now: datetime) -> Rows:
    """Return windows with `phase`: their state, and for approved ones whether due, under way or over."""
    return rows.annotate(phase=_phase(now, "starts_at", "ends_at"))


def _phase(now: datetime, begins: str, ends: str) -> Case:
    return Case(
        When(~Q(state=WindowState.APPROVED), then="state"),
        When(**{f"{begins}__gt": now}, then=Value("due")),
        When(**{f"{ends}__lte": now}, then=Value("over")),
        default=Value("running"),
        output_field=CharField(),
    )


def list_windows(scope: Scope, now: datetime) -> Rows:
    """Return the windows within the actor's range, latest first."""
    rows = MaintenanceWindow.objects.filter(within(scope, VIEW))
    return with_phase(rows, now).select_related("org", *_PEOPLE).prefetch_related(*_SUBJECTS)


def list_rules(scope: Scope, now: datetime) -> Rows:
    """Return the recurring rules within the actor's range with their `phase` (周期维护列表)."""
    rows = MaintenanceRule.objects.filter(within(scope, VIEW))
    return (
        rows.annotate(phase=_phase(now, "valid_from", "valid_to"))
        .select_related("org", "cancelled_by", *_PEOPLE)
        .prefetch_related(*_SUBJECTS)
    )


def occurrences_between(scope: Scope, start: datetime, end: datetime) -> list[Occurrence]:
    """Return what the actor may see of `[start, end)`, asked for and agreed, by start (维护日历)."""
    wanted = (WindowState.REQUESTED, WindowState.APPROVED)
    visible = within(scope, VIEW)
    single = MaintenanceWindow.objects.filter(visible, state__in=wanted, starts_at__lt=end, ends_at__gt=start)
    rules = MaintenanceRule.objects.filter(
        visible, state__in=wanted, valid_from__lt=end, valid_to__gt=start - timedelta(days=7)
    )
    return _occurrences(
        single.select_related(*_PEOPLE).prefetch_related(*_SUBJECTS),
        rules.select_related(*_PEOPLE).prefetch_related(*_SUBJECTS),
        Interval(start, end),
    )


def windows_between(scope: Scope, now: datetime, start: datetime, end: datetime) -> Rows:
    """Return the single windows that touch `[start, end)`, earliest first."""
    return list_windows(scope, now).filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at")


def get_window(scope: Scope, now: datetime, pk: int) -> MaintenanceWindow:
    """Return one window.

    Raises:
        NotFound: none within the actor's range.
    """
    found: MaintenanceWindow | None = list_windows(scope, now).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个维护窗口。", "它可能不在您的管理范围内。")
    return found


def get_rule(scope: Scope, now: datetime, pk: int) -> MaintenanceRule:
    """Return one recurring rule.

    Raises:
        NotFound: none within the actor's range.
    """
    found: MaintenanceRule | None = list_rules(scope, now).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条周期维护。", "它可能不在您的管理范围内。")
    return found


def times_of(rule: MaintenanceRule, start: datetime, end: datetime) -> tuple[list[Interval], list[int]]:
    """Return a rule's times in `[start, end)`, and the years that cannot be worked out yet."""
    repeat, legal = parse_repeat(rule.repeat), shipped_legal_days()
    horizon = Interval(start, end)
    times = repeat.times(horizon, Interval(rule.valid_from, rule.valid_to), legal)
    return times, repeat.unknown_years(horizon, legal)
