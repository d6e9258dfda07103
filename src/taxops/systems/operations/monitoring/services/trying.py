"""Trying a check (试一试): carried out once, now, with the whole trace, before it is stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from taxops.engines.base import Conflict, NotFound, Scope, TaxopsError, Unavailable
from taxops.engines.checks import CheckSpec, Result, check_kinds
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.definitions import Definition, Fit, fit
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem

from .descriptions import kept_secrets

RUN = "monitoring.run"
LONGEST_S = 15.0
MOST = 20
PER = timedelta(minutes=1)
AT_ONCE = 4


class TooOften(TaxopsError):
    """Too many tries in a short time (试运行过于频繁)."""

    code = "too_often"
    status = 429


Runner = Callable[[CheckSpec], Result]
_runner: list[Runner] = []
_lock = Lock()
_recent: dict[int | None, deque[datetime]] = {}
_running = [0]


def use_runner(runner: Runner) -> None:
    """Have checks carried out by `runner`; the composition root hands in the prober's, with its drivers."""
    _runner[:] = [runner]


def try_definition(
    scope: Scope, *, now: datetime, definition: Definition, system_id: int, check_id: int | None = None
) -> Result:
    """Carry out a check once as the definition says (试一试); nothing is stored.

    Secrets that are left out are those of the stored check, if the actor may run it.

    Raises:
        BadInput: the definition cannot be used.
        NotFound, NotPermitted: not within the actor's range.
        TooOften: more than 20 a minute.
        Conflict: it is of a kind that the platform judges.
    """
    stored = None
    if check_id is not None:
        stored = Check.objects.filter(within(scope, RUN, "system__org__path"), pk=check_id).first()
        if stored is None:
            raise NotFound("没有这个检查项。", "它可能不在您的管理范围内。")
    elif not MonitoredSystem.objects.filter(within(scope, RUN), pk=system_id).exists():
        raise NotFound("没有这个监控系统。", "它可能不在您的管理范围内。")
    kept = {} if stored is None or _leads_elsewhere(stored, definition) else kept_secrets(stored)
    fitted = fit(definition, kept=kept)
    if check_kinds.get(definition.kind).passive:
        raise Conflict("这类检查由平台按上报判断，没有可试的探测。", "保存后用页面上的地址上报一次即可。")
    return _try(scope, fitted, now)


def _leads_elsewhere(stored: Check, definition: Definition) -> bool:
    """Test whether a try would carry the stored secrets to another target than they were entered for."""
    return stored.target != definition.target.strip() or stored.kind != definition.kind


def _try(scope: Scope, fitted: Fit, now: datetime) -> Result:
    if not _runner:
        raise Unavailable("平台没有可用的试运行程序。", "请联系管理员检查部署。")
    _admit(scope.actor_id, now)
    spec = fitted.spec()
    try:
        return _runner[0](replace(spec, timeout_s=min(spec.timeout_s, LONGEST_S)))
    finally:
        with _lock:
            _running[0] -= 1


def _admit(actor: int | None, now: datetime) -> None:
    """Count a try of this actor in this process.

    Raises:
        TooOften: he has tried too often, or too many tries are under way.
    """
    with _lock:
        recent = _recent.setdefault(actor, deque())
        while recent and now - recent[0] > PER:
            recent.popleft()
        if len(recent) >= MOST:
            raise TooOften(f"一分钟内最多试 {MOST} 次。", "请稍候再试。")
        if _running[0] >= AT_ONCE:
            raise TooOften("正在试运行的检查过多。", "请等几秒再试。")
        recent.append(now)
        _running[0] += 1
