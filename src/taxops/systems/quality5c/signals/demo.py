"""The demonstration's rules on indicators (演示预警规则)."""

from __future__ import annotations

from datetime import datetime

from taxops.engines.base import Scope

from . import queries, services

RULES = (
    ("按期申报率低于警戒", "C101", "threshold", "below", 0.955, "county", 10),
    ("税额按期入库率环比下降", "C106", "change", "below", 0.02, "county", 10),
    ("非接触式办理率名次下降", "C201", "drop", "below", 3.0, "city", 15),
)


def seed_rules(scope: Scope, *, now: datetime) -> None:
    """Store a rule of each kind; repeating it changes nothing."""
    known = set(queries.list_rules().values_list("code", flat=True))
    for name, code, kind, side, limit, level, days in RULES:
        if code not in known:
            data = {
                "name": name,
                "code": code,
                "kind": kind,
                "side": side,
                "limit": limit,
                "level": level,
                "days": days,
            }
            services.save_rule(scope, now=now, data=data)
