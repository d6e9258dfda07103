"""How a check kind declares itself (检查类型声明): parameters, facts, defaults, and the function that looks.

The check editor, the command line and the prober are all driven by these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from taxops.engines.base import BadInput, Choices
from taxops.engines.checks.model import CheckSpec
from taxops.engines.checks.wire import Attempt

from .params import Param, ParamType
from .reading import read_value

__all__ = [
    "Database",
    "Fact",
    "Finding",
    "Kind",
    "LoopRun",
    "Param",
    "ParamType",
    "Rows",
    "SideAttempt",
    "SideRun",
    "Tools",
    "Wanted",
    "Where",
]


class Where(Choices):
    """What carries a kind out (执行方式)."""

    LOOP = "loop", "事件循环"
    SIDE = "side", "异步线程"
    CENTRE = "centre", "由平台判断"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that conditions may speak of (判断依据): its name, meaning and unit."""

    name: str
    meaning: str
    unit: str = ""


@dataclass(slots=True)
class Finding:
    """What an execution saw, before it is judged (探测所见).

    Args:
        facts: for the conditions, by name.
        message: what to say when all is well.
        metrics: numbers worth keeping.
        problem: a fault found by the kind itself, whatever the conditions say.
        evidence: makes the trace; called only when somebody wants it.
    """

    facts: dict[str, Any]
    message: str
    metrics: dict[str, float] = field(default_factory=dict)
    problem: str = ""
    evidence: Callable[[], dict[str, Any]] | None = None


class Rows(Protocol):
    """What a query answered (查询结果)."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The rows, at most as many as asked for."""
        ...

    @property
    def truncated(self) -> bool:
        """Whether there were more."""
        ...


class Database(Protocol):
    """A database driver, handed in from outside since engines import none (数据库驱动)."""

    async def query(
        self, target: str, sql: str, *, user: str, password: str, timeout_s: float, most_rows: int
    ) -> Rows:
        """Run one SELECT in a read-only session.

        Raises:
            Failed: no connection, no permission, a wrong statement, or it took too long.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a kind may need from outside (外部工具).

    Args:
        database: for `sql`; None: the kind answers that it cannot.
        keep: saves a small state of a check over restarts, such as the place in a log file.
        recall: reads it again.
    """

    database: Database | None = None
    keep: Callable[[int, dict[str, Any]], None] | None = None
    recall: Callable[[int], dict[str, Any]] | None = None


@dataclass(slots=True)
class SideAttempt:
    """One execution in the asyncio thread (异步探测)."""

    clock: Callable[[], float]
    wall_ms: int
    timeout_s: float
    memory: dict[str, Any]
    tools: Tools
    tracing: bool = False
    phases: dict[str, float] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    doing: str = "建立连接"
    began: float = 0.0

    def note(self, step: str, **details: Any) -> None:
        """Write a line into the trace, when somebody wants one."""
        if self.tracing:
            at_ms = round((self.clock() - self.began) * 1000, 2)
            self.notes.append({"at_ms": at_ms, "step": step, **details})

    def mark(self, phase: str, since: float) -> float:
        """Book the time from `since` to now on a phase and return now."""
        now = self.clock()
        self.phases[phase] = self.phases.get(phase, 0.0) + (now - since) * 1000.0
        return now


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `prepare` is told: the target, the checked parameters, and which facts are spoken of (探测要求)."""

    target: str
    params: Mapping[str, Any]
    names: frozenset[str]
    timeout_s: float
    check_id: int = 0


LoopRun = Callable[[Attempt, Any], Coroutine[Any, Any, Finding]]
SideRun = Callable[[SideAttempt, Any], Coroutine[Any, Any, Finding]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A check kind (检查类型).

    Args:
        name: the code, as in `taxops check run NAME …`.
        title: Chinese title.
        help: what it looks at and what for.
        target_label: what the target is.
        target_help: how it is written.
        params: parameters.
        facts: what conditions may speak of.
        conditions: what must hold when a check names no condition of its own.
        warnings: what must hold not to be a warning, likewise.
        where: what carries it out.
        prepare: turns target and parameters into a plan once; raises BadInput.
        loop_run: looks, for kinds of the event loop.
        side_run: looks, for kinds of the asyncio thread.
        keeps_metrics: whether every result carries its metrics (the kind has trends, 有趋势).
        verified_against: which real peers it was tested against; empty: none.
        stand_in: where there is no real peer: what the tests carry it out against instead.
    """

    name: str
    title: str
    help: str
    target_label: str
    target_help: str
    params: tuple[Param, ...]
    facts: tuple[Fact, ...]
    conditions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    where: Where = Where.LOOP
    prepare: Callable[[Wanted], Any] | None = None
    loop_run: LoopRun | None = None
    side_run: SideRun | None = None
    keeps_metrics: bool = False
    verified_against: str = ""
    stand_in: str = ""

    @property
    def passive(self) -> bool:
        """Whether nothing is to be looked at: the centre judges by what arrives (被动)."""
        return self.where is Where.CENTRE

    @property
    def verified(self) -> str:
        """What to say of its tests (验证情况)."""
        if self.verified_against:
            return f"已对真实系统验证：{self.verified_against}"
        return (
            f"从未对真实系统验证（自动测试用替身：{self.stand_in}）"
            if self.stand_in
            else "从未对真实系统验证"
        )

    def read_params(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters with their types and defaults; texts are converted.

        Raises:
            BadInput: an unknown or missing parameter, or a value that does not fit; `field` names it.
        """
        known = {param.name for param in self.params}
        for name in given:
            if name not in known:
                listed = "、".join(sorted(known)) or "（无）"
                raise BadInput(
                    f"检查类型「{self.title}」没有名为「{name}」的参数。", f"可用的有：{listed}。", field=name
                )
        return {param.name: read_value(param, given.get(param.name)) for param in self.params}

    def plan(self, spec: CheckSpec, names: frozenset[str]) -> Any:
        """Return what an execution of `spec` needs, checked.

        Raises:
            BadInput: target or parameters cannot be used.
        """
        if self.prepare is None:
            raise BadInput(f"检查类型「{self.title}」由平台判断，不能由探测器执行。", field="kind")
        target = spec.target.strip()
        if len(target) > 2000:
            raise BadInput("检查对象超过 2000 个字符。", field="target")
        if not target:
            raise BadInput(f"没有填写{self.target_label}。", self.target_help, field="target")
        return self.prepare(Wanted(target, self.read_params(spec.params), names, spec.timeout_s, spec.id))

    def as_dict(self) -> dict[str, object]:
        """Return the declaration for editors and the API."""
        return {
            "name": self.name,
            "title": self.title,
            "help": self.help,
            "target_label": self.target_label,
            "target_help": self.target_help,
            "params": [
                {
                    "name": p.name,
                    "label": p.label,
                    "type": p.type.value,
                    "default": p.default,
                    "required": p.required,
                    "secret": p.secret,
                    "help": p.help,
                    "choices": [list(pair) for pair in p.choices],
                }
                for p in self.params
            ],
            "facts": [{"name": f.name, "meaning": f.meaning, "unit": f.unit} for f in self.facts],
            "conditions": list(self.conditions),
            "warnings": list(self.warnings),
            "passive": self.passive,
            "where": self.where.value,
            "verified": self.verified,
        }
