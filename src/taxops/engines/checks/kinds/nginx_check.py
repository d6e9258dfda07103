"""Kind `nginx` (nginx 状态): the numbers of stub_status and the rates between two looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from taxops.engines.checks.wire import Attempt, Failed, Request, Tls, excerpt, fetch, parse_url

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .http_check import AUTH_PARAMS, TLS_PARAMS, auth_headers, tls_of

_STATUS = re.compile(
    r"\s*Active connections:\s*(\d+)\s+server accepts handled requests(?: request_time)?\s+"
    r"(\d+)\s+(\d+)\s+(\d+)(?:\s+\d+)?\s+Reading:\s*(\d+)\s+Writing:\s*(\d+)\s+Waiting:\s*(\d+)\s*"
)
_NAMES = ("active", "accepts", "handled", "requests", "reading", "writing", "waiting")
RATES = frozenset({"requests_per_s", "accepts_per_s", "dropped_per_s"})
_FIRST_WAIT_S = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """Where stub_status is (nginx 检查计划)."""

    request: Request
    tls: Tls
    wants_rates: bool


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    request = Request("GET", parse_url(wanted.target), tuple(auth_headers(wanted.params)), limit=65536)
    return Plan(request.ready(), tls_of(wanted.params), bool(RATES & wanted.names))


def read_status(text: str) -> dict[str, int]:
    """Return the numbers of a stub_status page.

    Raises:
        Failed: it is something else.
    """
    found = _STATUS.match(text)
    if found is None:
        raise Failed(
            f"返回的不是 stub_status 页面，开头是「{excerpt(text.encode(), 60)}」；"
            "请核对网址和 nginx 的 stub_status 配置。"
        )
    return dict(zip(_NAMES, map(int, found.groups()), strict=True))


async def _sample(attempt: Attempt, plan: Plan) -> tuple[float, dict[str, int]]:
    done = await fetch(attempt, plan.request, plan.tls)
    if done.answer.status != 200:
        raise Failed(f"stub_status 返回 HTTP {done.answer.status}。")
    return attempt.clock(), read_status(done.answer.text())


def rates(
    before: tuple[float, dict[str, int]] | None, after: tuple[float, dict[str, int]]
) -> dict[str, float]:
    """Return rates between two samples; none when there is no earlier one or nginx was restarted."""
    if before is None:
        return {}
    seconds = after[0] - before[0]
    old, new = before[1], after[1]
    if seconds <= 0 or any(new[name] < old[name] for name in ("accepts", "handled", "requests")):
        return {}
    dropped = (new["accepts"] - new["handled"]) - (old["accepts"] - old["handled"])
    return {
        "requests_per_s": (new["requests"] - old["requests"]) / seconds,
        "accepts_per_s": (new["accepts"] - old["accepts"]) / seconds,
        "dropped_per_s": max(0, dropped) / seconds,
    }


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Read the page, twice when rates are wanted and no earlier sample is known.

    Raises:
        Failed: no page, or not the right one.
    """
    sample = await _sample(attempt, plan)
    found = rates(attempt.memory.get("nginx"), sample)
    if plan.wants_rates and not found:
        attempt.memory["nginx"] = sample
        await attempt.loop.sleep(_FIRST_WAIT_S)
        sample = await _sample(attempt, plan)
        found = rates(attempt.memory.get("nginx"), sample)
    attempt.memory["nginx"] = sample
    numbers = sample[1]
    facts: dict[str, Any] = {
        **numbers,
        "dropped": numbers["accepts"] - numbers["handled"],
        **found,
        "duration_ms": attempt.elapsed_ms,
    }
    metrics = {name: float(facts[name]) for name in ("active", "reading", "writing", "waiting", "dropped")}
    metrics |= {name: round(value, 3) for name, value in found.items()}
    shown = f"活动连接 {numbers['active']}"
    if "requests_per_s" in found:
        shown += f"，每秒请求 {found['requests_per_s']:.1f}"
    return Finding(facts, shown, metrics, "", lambda: {"numbers": numbers, "rates": found})


KIND = Kind(
    name="nginx",
    title="nginx 状态",
    help="读取 nginx 的 stub_status 页面：连接数、请求速率、丢弃的连接。",
    target_label="stub_status 网址",
    target_help="例如 http://10.1.2.3/nginx_status。",
    params=(Param("headers", "请求头", ParamType.MAP, {}), *AUTH_PARAMS, *TLS_PARAMS),
    facts=(
        Fact("active", "活动连接数"),
        Fact("reading", "正在读请求的连接数"),
        Fact("writing", "正在写响应的连接数"),
        Fact("waiting", "空闲保持的连接数"),
        Fact("accepts", "累计接受连接数"),
        Fact("handled", "累计处理连接数"),
        Fact("requests", "累计请求数"),
        Fact("dropped", "累计丢弃的连接数"),
        Fact("requests_per_s", "每秒请求数", "次/秒"),
        Fact("accepts_per_s", "每秒新连接数", "次/秒"),
        Fact("dropped_per_s", "每秒丢弃的连接数", "次/秒"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("active > 0",),
    warnings=("dropped_per_s == 0 or not exists(dropped_per_s)",),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
    verified_against="nginx 1.22",
)
