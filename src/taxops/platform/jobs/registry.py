"""Declaring jobs (作业声明). Imports no models, so that any room's `jobs.py` may import it at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import signature
from typing import Any, Protocol

from taxops.engines.base import BadInput, Registry, Scope

from .rules import next_slot

Result = Mapping[str, Any] | None


class JobContext(Protocol):
    """What a running job may ask and tell (作业上下文); its first argument."""

    run_id: str
    attempt: int
    scope: Scope

    def now(self) -> datetime:
        """Return the present instant in UTC; jobs are edges, they may know the time."""

    def progress(self, done: int, total: int = 0, text: str = "") -> None:
        """Show how far the run is (进展) to whoever started it; stored at most twice a second.

        Raises:
            Stopped: somebody cancelled the run, its lease was lost, or the worker is leaving.
        """

    def check(self) -> None:
        """Do nothing, unless the run should stop here.

        Raises:
            Stopped: as in `progress`.
        """


class Stopped(BaseException):
    """The run should leave now (中止). Not an `Exception`, so that a job's own handlers let it pass."""


JobFunction = Callable[..., Result]


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A declared job (作业定义).

    Args:
        name: `room.verb`, unique.
        title: Chinese name.
        function: called with a `JobContext` and the arguments by name; idempotent, since it may run twice.
        cron: five fields read in China time, or empty.
        lease_s: after this long without a sign of life another worker takes over.
        max_attempts: tries before it is given up.
        priority: -100 to 100; higher first.
    """

    name: str
    title: str
    function: JobFunction
    cron: str = ""
    lease_s: int = 60
    max_attempts: int = 5
    priority: int = 0

    def accept(self, args: Mapping[str, Any]) -> None:
        """Do nothing when the arguments fit the function.

        Raises:
            BadInput: they do not.
        """
        try:
            signature(self.function).bind(None, **args)
        except TypeError as error:
            raise BadInput(
                f"作业「{self.title}」的参数不符：{error}。", "请检查参数名称是否齐全。"
            ) from error


JOBS: Registry[JobSpec] = Registry("后台作业")


def job(
    name: str,
    *,
    title: str,
    cron: str = "",
    lease_s: int = 60,
    max_attempts: int = 5,
    priority: int = 0,
) -> Callable[[JobFunction], JobFunction]:
    """Return a decorator that declares a function as a job (声明作业).

    Raises:
        BadInput: the cron expression cannot be used.
        ValueError: the name is taken.
    """
    if cron:
        next_slot(cron, datetime(2026, 1, 1, tzinfo=UTC))

    def declare(function: JobFunction) -> JobFunction:
        JOBS.add(name, JobSpec(name, title, function, cron, lease_s, max_attempts, priority))
        return function

    return declare
