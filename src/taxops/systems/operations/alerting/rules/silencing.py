"""Silences (静默): what makes one acceptable, and which conditions name given alerts and no others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from taxops.engines.alerts import parse_matchers
from taxops.engines.base import BadInput

TELLING = ("system", "level", "check")
"""Labels that say which check of this platform an alert is about; a code names one check of a system."""
NEVER = ("severity", "org", "source", "item", "zone")
"""Labels that conditions leave out: severity may change while a problem lasts, the silence has its organisation."""


def one_of(values: Iterable[str]) -> str:
    """Return a pattern that matches exactly these values.

    >>> one_of(["a.b", "c"])
    'a\\\\.b|c'
    """
    special = set("\\.^$*+?{}[]|()-&~# \t")
    return "|".join("".join(f"\\{c}" if c in special else c for c in value) for value in values)


def is_broad(texts: Sequence[str]) -> bool:
    """Test whether conditions say nothing definite, so that nearly every alert meets them."""
    return all(
        m.operator in {"!=", "!~"} or (m.operator == "=~" and m.value in {".*", ".+"})
        for m in parse_matchers(texts)
    )


def accept_silence(matchers: Sequence[str], starts_at: datetime, ends_at: datetime, reason: str) -> list[str]:
    """Return a silence's matchers, cleaned (静默条件).

    Raises:
        BadInput: no condition, no reason, or an end that does not follow the start within 30 days.
    """
    texts = [text.strip() for text in matchers if text.strip()]
    if not texts:
        raise BadInput(
            "静默没有匹配条件。", "至少写一条，例如 system=fpcy；不能静默全部告警。", field="matchers"
        )
    if is_broad(texts):
        raise BadInput(
            "这些条件几乎匹配全部告警。", "请至少写一条确定的条件，例如 system=fpcy。", field="matchers"
        )
    if not reason.strip():
        raise BadInput("请填写静默原因。", "原因会显示在告警和通知记录上。", field="reason")
    if len(reason) > 400:
        raise BadInput("原因不能超过 400 个字符。", field="reason")
    if ends_at <= starts_at:
        raise BadInput("静默的结束时间应晚于开始时间。", field="ends_at")
    if (ends_at - starts_at).days >= 30:
        raise BadInput("一次静默不能超过 30 天。", "长期不需要的检查项请停用。", field="ends_at")
    return texts


def conditions_of(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels by which a silence names an alert (静默条件): of a check, which; of a pushed one, all its own.

    >>> conditions_of({"system": "fpcy", "check": "portal", "severity": "major", "zone": "internet"})
    {'system': 'fpcy', 'check': 'portal'}
    """
    telling = {name: labels[name] for name in TELLING if labels.get(name)}
    if "check" in telling or telling.get("level") == "system":
        return telling
    return {name: value for name, value in sorted(labels.items()) if value and name not in NEVER}


def silences_for(alerts: Iterable[tuple[int, Mapping[str, str]]]) -> list[tuple[int, list[str]]]:
    """Return the fewest silences that name these alerts (批量静默), as `(organisation, matchers)`.

    Alerts of one organisation that differ in nothing but the check share one.

    Args:
        alerts: organisation and labels of each.
    """
    found: dict[tuple[int, tuple[tuple[str, str], ...]], dict[str, None]] = {}
    for org_id, labels in alerts:
        conditions = conditions_of(labels)
        check = conditions.pop("check", "")
        found.setdefault((org_id, tuple(conditions.items())), {})[check] = None
    made: list[tuple[int, list[str]]] = []
    for (org_id, shared), checks in found.items():
        names = [name for name in checks if name]
        matchers = [f"{name}={value}" for name, value in shared]
        if len(names) == 1:
            matchers.append(f"check={names[0]}")
        if len(names) > 1:
            made += [(org_id, [*matchers, f"check=~{one_of(run)}"]) for run in _within(names, 200)]
        if len(names) < 2 or "" in checks:
            made.append((org_id, matchers))
    return made


def _within(names: Sequence[str], most: int) -> Iterable[list[str]]:
    """Return the names in runs whose pattern is not longer than an engine takes."""
    run: list[str] = []
    for name in names:
        if run and len(one_of([*run, name])) > most:
            yield run
            run = []
        run.append(name)
    if run:
        yield run
