"""From what was seen to a verdict (判定): conditions compiled once, a message a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.conditions import CLOCK, BadCondition, Condition, compile_condition
from taxops.engines.checks.kinds import Finding, Kind, registry
from taxops.engines.checks.model import CheckSpec, Result, Verdict
from taxops.engines.checks.wire import DOING, Attempt, DeadlineReached, Failed

MOST_CONDITIONS = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A check ready to be carried out (就绪的检查): definition, kind, plan and compiled conditions."""

    spec: CheckSpec
    kind: Kind
    plan: Any
    conditions: tuple[Condition, ...]
    warnings: tuple[Condition, ...]
    wants_now: bool


@lru_cache(maxsize=4096)
def _condition(text: str, kind: str) -> Condition:
    """Return a compiled condition; thousands of checks share a handful of texts, and so their conditions."""
    return compile_condition(text, {fact.name for fact in registry.get(kind).facts} | {CLOCK})


def _compiled(texts: tuple[str, ...], kind: Kind, field: str) -> tuple[Condition, ...]:
    if len(texts) > MOST_CONDITIONS:
        raise BadInput(f"条件最多 {MOST_CONDITIONS} 条。", field=field)
    compiled = []
    for index, text in enumerate(texts, 1):
        try:
            compiled.append(_condition(text, kind.name))
        except BadCondition as error:
            error.field = field
            if len(texts) > 1:
                error.what = f"第 {index} 条{error.what}"
            raise
    return tuple(compiled)


@lru_cache(maxsize=4096)
def _roots(conditions: tuple[Condition, ...]) -> frozenset[str]:
    return frozenset().union(*(condition.roots for condition in conditions))


def prepare(spec: CheckSpec) -> Prepared:
    """Return a check ready to be carried out, everything in it checked.

    Raises:
        NotFound: an unknown kind.
        BadInput: target, parameters, numbers or conditions cannot be used; `field` names which.
    """
    kind = registry.get(spec.kind)
    for name, value, least, most in (
        ("interval_s", spec.interval_s, 0.05, 31 * 86400.0),
        ("retry_interval_s", spec.retry_interval_s, 0.05, 86400.0),
        ("timeout_s", spec.timeout_s, 0.05, 600.0),
        ("confirm", spec.confirm, 1, 100),
        ("recover", spec.recover, 1, 100),
    ):
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise BadInput(f"检查的 {name} 应在 {least:g} 到 {most:g} 之间。", field=name)
    conditions = _compiled(spec.conditions or kind.conditions, kind, "conditions")
    # a check with conditions of its own does not inherit warnings it never asked for
    warnings = _compiled(spec.warnings or (() if spec.conditions else kind.warnings), kind, "warnings")
    names = _roots((*conditions, *warnings))
    return Prepared(spec, kind, kind.plan(spec, names), conditions, warnings, CLOCK in names)


def conclude(prepared: Prepared, finding: Finding, wall_ms: int) -> tuple[Verdict, str]:
    """Return verdict and message for what was seen."""
    if finding.problem:
        return Verdict.CRITICAL, finding.problem
    facts = finding.facts
    if prepared.wants_now:
        facts[CLOCK] = wall_ms
    for condition in prepared.conditions:
        if not condition.holds(facts):
            return Verdict.CRITICAL, f"{condition.explain(facts)}（{finding.message}）。"
    for condition in prepared.warnings:
        if not condition.holds(facts):
            return Verdict.WARNING, f"{condition.explain(facts)}（{finding.message}）。"
    return Verdict.OK, finding.message + "。"


def _judgements(prepared: Prepared, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "text": condition.text,
            "for": sort,
            "holds": condition.holds(facts),
            "words": condition.explain(facts),
        }
        for sort, group in (("ok", prepared.conditions), ("warning", prepared.warnings))
        for condition in group
    ]


def result_of(
    prepared: Prepared,
    attempt: Attempt,
    finding: Finding | None,
    failure: BaseException | None,
    *,
    duration_ms: float,
    late_ms: float,
) -> Result:
    """Return the result of an execution in the event loop, whatever way it ended."""
    if finding is not None:
        verdict, message = conclude(prepared, finding, attempt.wall_ms)
    else:
        step = attempt.memory.pop("flow_step", "")
        doing = (step and f"{step}，") + DOING.get(attempt.doing, attempt.doing)
        verdict, message = failed(prepared, failure, doing)
    evidence: dict[str, Any] = {}
    if verdict is not Verdict.OK or attempt.tracing:
        evidence = evidence_of(prepared, finding, attempt.notes)
    return Result(
        verdict,
        message,
        attempt.wall_ms,
        duration_ms,
        finding.metrics if finding is not None else {},
        attempt.phases,
        evidence,
        late_ms,
    )


def failed(prepared: Prepared, failure: BaseException | None, doing: str) -> tuple[Verdict, str]:
    """Return verdict and message of an execution that ended without anything to judge."""
    if isinstance(failure, Failed):
        return failure.verdict, failure.message
    if isinstance(failure, DeadlineReached | TimeoutError):
        return Verdict.CRITICAL, f"超过 {prepared.spec.timeout_s:g} 秒没有完成（停在：{doing}）。"
    if isinstance(failure, BadInput):
        return Verdict.UNKNOWN, str(failure)
    return Verdict.UNKNOWN, f"探测程序内部错误：{type(failure).__name__}。"


def evidence_of(prepared: Prepared, finding: Finding | None, notes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the trace: what was sent and received, each condition with its values, the steps taken."""
    found: dict[str, Any] = {}
    if finding is not None:
        found["conditions"] = _judgements(prepared, finding.facts)
        if finding.evidence is not None:
            found |= finding.evidence()
    if notes:
        found["trace"] = notes
    return found
