"""Jobs that tests run: well-behaved, slow, failing and deadly ones."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, Unavailable
from taxops.platform.jobs.registry import JobContext, job

CALLS: list[tuple[str, Any]] = []


@job("sample.add", title="相加")
def add(ctx: JobContext, left: int, right: int = 0) -> dict[str, int]:
    """Add two numbers."""
    CALLS.append(("add", ctx.scope))
    return {"sum": left + right}


@job("sample.steps", title="分步")
def steps(ctx: JobContext, n: int) -> None:
    """Report n steps."""
    for i in range(1, n + 1):
        ctx.progress(i, n, f"第 {i} 步")


@job("sample.refuse", title="拒绝")
def refuse(ctx: JobContext) -> None:
    """Fail by an anticipated error."""
    raise BadInput("文件是空的。", "请换一个文件。")


@job("sample.outage", title="依赖不可用", max_attempts=3)
def outage(ctx: JobContext) -> None:
    """Fail by an outage."""
    raise Unavailable("接口没有响应。")


@job("sample.bug", title="出错", max_attempts=2)
def bug(ctx: JobContext) -> None:
    """Fail by a bug."""
    raise ZeroDivisionError("一除以零")


@job("sample.odd", title="结果不能保存", max_attempts=1)
def odd(ctx: JobContext) -> dict[str, object]:
    """Return what no database can keep."""
    return {"x": object()}


@job("sample.stubborn", title="吞掉一切异常")
def stubborn(ctx: JobContext) -> None:
    """Catch every exception, as jobs sometimes do."""
    for i in range(10**9):
        try:
            ctx.progress(i)
        except Exception:  # noqa: BLE001 - the point of the test
            continue


@job("sample.write", title="写一行", lease_s=2, max_attempts=5)
def write(ctx: JobContext, path: str, seconds: float = 0.0, kill_first: int = 0) -> dict[str, int]:
    """Write who began and who ended; sleep between; kill the own process on the first attempts."""
    with Path(path).open("a") as out:
        out.write(f"begin {ctx.attempt} {os.getpid()}\n")
    if ctx.attempt <= kill_first:
        os.kill(os.getpid(), signal.SIGKILL)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.05)
        ctx.check()
    with Path(path).open("a") as out:
        out.write(f"end {ctx.attempt} {os.getpid()}\n")
    return {"attempt": ctx.attempt}


@job("sample.slot", title="到点执行", cron="*/5 * * * *")
def slot(ctx: JobContext) -> None:
    """Do nothing, every five minutes."""
