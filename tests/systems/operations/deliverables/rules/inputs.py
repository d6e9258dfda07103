"""Frozen inputs of an invented day, small enough to read, for the tests of what a report says."""

from __future__ import annotations

import copy
from typing import Any

_START, _END = "2026-11-20T16:00:00.000000Z", "2026-11-21T16:00:00.000000Z"


def at(hour: int, minute: int = 0, second: int = 0) -> str:
    """Return an instant of 2026-11-21 in China, frozen."""
    day, hour = (20, hour + 16) if hour < 8 else (21, hour - 8)
    return f"2026-11-{day}T{hour:02}:{minute:02}:{second:02}.000000Z"


def rules(each: str = "holds") -> dict[str, Any]:
    """Return the three rules as frozen."""
    return {
        "total": {
            "label": "全年累计不超过 12 小时",
            "verdict": "holds",
            "words": "累计 10 分，尚余 11 小时 50 分",
        },
        "each": {"label": "每次不超过 2 小时", "verdict": each, "words": "最长一次 10 分"},
        "streak": {"label": "连续 6 个月不中断", "verdict": "possible", "words": "尚可"},
    }


def system(key: str, name: str, **more: Any) -> dict[str, Any]:
    """Return a system's line without any outage."""
    share = {"availability": 1.0, "downtime_s": 0.0, "excluded_s": 0.0}
    return {
        "key": key, "name": name, "outages": 0, "day": dict(share), "month": dict(share), "year": dict(share),
        "coverage": 1.0, "coverage_least": 0.99, "budget_s": 43200.0, "contract": "运维合同",
        "year_from": "2026-02-28T16:00:00.000000Z", "rules": rules(), **more,
    }  # fmt: skip


def item(key: str, name: str, **more: Any) -> dict[str, Any]:
    """Return an item's line."""
    plain = {"checks": 1, "results": 100, "bad": 0, "outages": 0, "downtime_s": 0.0, "which": []}
    return {"key": key, "name": name, "clause": "GX:69", **plain, **more}


QUIET: dict[str, Any] = {
    "kind": "daily_monitoring", "org": {"code": "145000", "name": "某省税务局"}, "day": "2026-11-21",
    "period": {"start": _START, "end": _END}, "systems": [system("a", "统一受理"), system("b", "安全接入")],
    "outages": [], "exclusions": [], "pending": [], "alerts": [], "items": [item("M01", "域名连通性")],
    "hours": {"a": [1.0] * 24, "b": [1.0] * 24}, "latency": {},
}  # fmt: skip


def quiet() -> dict[str, Any]:
    """Return a day on which nothing happened."""
    return copy.deepcopy(QUIET)


def troubled() -> dict[str, Any]:
    """Return a day with an outage of ten minutes, an alert confirmed late, an item that was down."""
    day = quiet()
    one = {"availability": 1 - 600 / 86400, "downtime_s": 600.0, "excluded_s": 0.0}
    day["systems"][0] |= {"outages": 1, "day": one, "budget_s": 42600.0}
    day["outages"] = [{
        "key": f"a@{at(10)}", "system": "统一受理", "start": at(10), "from_before": False, "end": at(10, 10),
        "ongoing": False, "seconds": 600.0, "excluded_s": 0.0, "counted_s": 600.0, "over": False,
        "cause": "受理服务中断",
    }]  # fmt: skip
    day["alerts"] = [{
        "key": "1", "system": "统一受理", "title": "受理服务中断", "severity": "紧急", "quiet": False,
        "opened_at": at(10, 0, 20), "acknowledged_at": at(10, 6, 20), "acknowledged_by": "张三",
        "resolved_at": at(10, 10),
    }]  # fmt: skip
    day["items"] = [item("M05", "受理服务", bad=60, outages=1, downtime_s=600.0, which=["受理服务"])]
    day["hours"]["a"][10] = round(1 - 600 / 3600, 6)
    day["latency"] = {"a": [12.5] * 23 + [None]}
    return day


def excused() -> dict[str, Any]:
    """Return the same day after five of the ten minutes were excused."""
    day = troubled()
    day["systems"][0]["day"] = {"availability": 1 - 300 / 86400, "downtime_s": 300.0, "excluded_s": 300.0}
    day["outages"][0] |= {"excluded_s": 300.0, "counted_s": 300.0}
    day["exclusions"] = [{
        "key": "a:E1", "system": "统一受理", "title": "总局或上级系统原因", "start": at(10), "end": at(10, 5),
        "taken_s": 300.0,
        "reason": "总局升级", "evidence": "函〔2026〕12号", "asked_by": "张三", "asked_at": at(15),
        "decided_by": "李四",
        "decided_at": at(16), "late": True,
    }]  # fmt: skip
    day["hours"]["a"][10] = round(1 - 300 / 3600, 6)
    return day
