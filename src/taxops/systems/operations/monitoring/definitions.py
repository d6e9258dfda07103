"""What a check definition must be (检查定义校验): by its kind's declaration and by compiled conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks import CheckSpec, FlapPolicy, check_kinds, compile_condition

from .rules import schedule_of
from .words import Severity, Zone

LONGEST_INTERVAL_S = 86_400.0
_PASSWORD_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s]+@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything a person says about a check (检查项定义); `params` holds secrets too, until they are sealed.

    A secret parameter that is left out keeps the value it has.
    """

    name: str
    kind: str
    target: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    conditions: Sequence[str] = ()
    warnings: Sequence[str] = ()
    interval_s: float = 60
    retry_interval_s: float = 10
    timeout_s: float = 5
    confirm: int = 3
    recover: int = 2
    flap: bool = True
    flap_results: int = 20
    flap_high: int = 30
    flap_low: int = 20
    zone: str = Zone.INTRANET.value
    item: str = ""
    severity: str = Severity.MAJOR.value
    note: str = ""
    asset_id: int | None = None
    prober_id: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """A definition that can be carried out (可用的定义): plain and secret parameters apart."""

    definition: Definition
    plain: Mapping[str, Any]
    secret: Mapping[str, Any]

    def spec(self, check_id: int = 0, version: int = 1) -> CheckSpec:
        """Return what a prober needs, secrets included."""
        d = self.definition
        return CheckSpec(
            id=check_id,
            kind=d.kind,
            target=d.target,
            params={**self.plain, **self.secret},
            conditions=tuple(d.conditions),
            warnings=tuple(d.warnings),
            interval_s=d.interval_s,
            retry_interval_s=d.retry_interval_s,
            timeout_s=d.timeout_s,
            confirm=d.confirm,
            recover=d.recover,
            version=version,
        )


def fit(definition: Definition, *, kept: Mapping[str, Any] | None = None) -> Fit:
    """Return the definition checked and cleaned.

    Args:
        definition: as it was given.
        kept: secret parameters that the check has already.

    Raises:
        BadInput: something cannot be used; `field` names the input.
        NotFound: there is no such kind.
    """
    if definition.kind not in check_kinds:
        known = "、".join(f"{name}（{kind.title}）" for name, kind in check_kinds.items())
        raise BadInput(f"没有名为「{definition.kind}」的检查类型。", f"可用的有：{known}。", field="kind")
    kind = check_kinds.get(definition.kind)
    clean = replace(
        definition,
        name=_text(definition.name, "name", "名称", 120),
        target=definition.target.strip(),
        note=definition.note.strip()[:400],
        conditions=_lines(definition.conditions, "conditions"),
        warnings=_lines(definition.warnings, "warnings"),
    )
    if _PASSWORD_IN_URL.match(clean.target):
        raise BadInput(
            "检查对象中写有口令，它会被所有人看到。", "请把口令填在加密的口令参数中。", field="target"
        )
    _numbers(clean, passive=kind.passive)
    secret_names = {param.name for param in kind.params if param.secret}
    given = {name: value for name, value in clean.params.items() if value not in (None, "")}
    secret = {n: v for n, v in (kept or {}).items() if n in secret_names}
    secret |= {n: v for n, v in given.items() if n in secret_names}
    plain = {n: v for n, v in given.items() if n not in secret_names}
    try:
        read = kind.read_params({**plain, **secret})
    except BadInput as error:
        raise BadInput(
            error.what, error.todo, field=f"params.{error.field}" if error.field else "params"
        ) from error
    names = {"now_ms", *(fact.name for fact in kind.facts)}
    roots: set[str] = set()
    for which, texts in (("conditions", clean.conditions), ("warnings", clean.warnings)):
        for place, text in enumerate(texts):
            try:
                roots |= compile_condition(text, names).roots
            except BadInput as error:
                error.field = f"{which}.{place}"
                raise
    # What was not given stays out, so that a later default of the kind applies; what was is stored typed.
    plain = {n: read[n] for n in plain}
    fitted = Fit(replace(clean, params=plain), plain, {n: read[n] for n in secret})
    if not kind.passive:
        kind.plan(fitted.spec(), frozenset(roots))
    elif kind.name == "heartbeat":
        schedule_of(plain)
    return fitted


def _text(value: str, name: str, label: str, most: int) -> str:
    text = value.strip()
    if not text:
        raise BadInput(f"请填写{label}。", field=name)
    if len(text) > most:
        raise BadInput(f"{label}不能超过 {most} 个字符。", field=name)
    return text


def _lines(values: Sequence[str], name: str) -> tuple[str, ...]:
    lines = tuple(text for value in values if (text := str(value).strip()))
    if len(lines) > 20:
        raise BadInput("条件最多 20 条。", field=name)
    return lines


def _numbers(d: Definition, *, passive: bool) -> None:
    """Do nothing when intervals and counts make sense together.

    Raises:
        BadInput: they do not.
    """
    for value, name, label, least, most in (
        (d.interval_s, "interval_s", "检查间隔", 0.5, LONGEST_INTERVAL_S),
        (d.retry_interval_s, "retry_interval_s", "确认间隔", 0.5, LONGEST_INTERVAL_S),
        (d.timeout_s, "timeout_s", "超时", 0.1, 300),
        (d.confirm, "confirm", "确认次数", 1, 20),
        (d.recover, "recover", "恢复次数", 1, 20),
        (d.flap_results, "flap_results", "抖动判定次数", FlapPolicy.LEAST, FlapPolicy.MOST),
        (d.flap_high, "flap_high", "抖动开始的变化率", 2, 100),
        (d.flap_low, "flap_low", "抖动结束的变化率", 1, 99),
    ):
        if not least <= value <= most:
            raise BadInput(f"{label}应在 {least:g} 到 {most:g} 之间。", field=name)
    if d.flap_low >= d.flap_high:
        raise BadInput("抖动结束的变化率应低于开始的变化率。", "例如开始 30、结束 20。", field="flap_low")
    if not passive and d.retry_interval_s > d.interval_s:
        raise BadInput("确认间隔不应长于检查间隔。", "出现异常时应检查得更勤。", field="retry_interval_s")
    if d.zone not in set(Zone):
        raise BadInput("网络区域不正确。", f"可选：{'、'.join(z.label for z in Zone)}。", field="zone")
    if d.severity not in set(Severity):
        raise BadInput(
            "重要程度不正确。", f"可选：{'、'.join(s.label for s in Severity)}。", field="severity"
        )
