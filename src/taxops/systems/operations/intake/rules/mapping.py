"""Mapping (映射): which of our systems a pushed event concerns, and how grave it is."""

from __future__ import annotations

import collections.abc as abc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taxops.engines.alerts import Matcher, parse_matchers
from taxops.engines.base import BadInput
from taxops.systems.operations.words import Severity

_SEVERITIES = {
    "critical": Severity.CRITICAL, "disaster": Severity.CRITICAL, "emergency": Severity.CRITICAL,
    "page": Severity.CRITICAL, "fatal": Severity.CRITICAL, "紧急": Severity.CRITICAL,
    "major": Severity.MAJOR, "high": Severity.MAJOR, "error": Severity.MAJOR, "average": Severity.MAJOR,
    "重要": Severity.MAJOR,
    "minor": Severity.MINOR, "warning": Severity.MINOR, "info": Severity.MINOR, "information": Severity.MINOR,
    "一般": Severity.MINOR,
}  # fmt: skip
"""How other watches call what we call 紧急, 重要, 一般."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of a source's mapping (映射规则): conditions, then our system, a severity, or both."""

    matchers: tuple[Matcher, ...]
    system: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What mapping came to (映射结果); no system means that somebody has to assign it."""

    system: str
    severity: str
    is_ruled: bool = False


def parse_mapping(lines: Sequence[str], known: Iterable[str]) -> list[Mapping]:
    """Return the rules written one a line as `job=einv, env=prod => fpcy critical`; empty and `#` lines are skipped.

    Args:
        lines: as typed.
        known: codes of our systems.

    Raises:
        BadInput: a line cannot be read, or names no system or severity of ours; says which.
    """
    systems = set(known)
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        left, arrow, right = text.partition("=>")
        if not arrow or not left.strip() or not right.strip():
            raise BadInput(
                f"映射规则第 {number} 行无法识别。", "写作 条件, 条件 => 系统代码 重要程度。", field="mapping"
            )
        try:
            matchers = parse_matchers(part for part in left.replace("，", ",").split(",") if part.strip())
        except BadInput as error:
            raise BadInput(f"映射规则第 {number} 行：{error.what}", error.todo, field="mapping") from error
        system = severity = ""
        for word in right.split():
            if word in set(Severity) or word in {m.label for m in Severity}:
                severity = _SEVERITIES[word].value
            elif word in systems and not system:
                system = word
            else:
                raise BadInput(
                    f"映射规则第 {number} 行的「{word[:40]}」既不是系统代码，也不是重要程度。",
                    "重要程度为 critical、major、minor。",
                    field="mapping",
                )
        found.append(Mapping(matchers, system, severity))
    return found


def map_labels(
    rules: Sequence[Mapping], labels: abc.Mapping[str, str], severity: str, default: str, known: Iterable[str]
) -> Mapped:
    """Return our system and severity of an event (映射).

    The first rule that holds and names a system gives the system, likewise for the severity. Without one,
    a label `system` that is a code of ours is taken at its word, and the other side's severity by its usual meaning.
    """
    system = ruled = ""
    is_ruled = False
    for rule in rules:
        if all(m.holds(labels) for m in rule.matchers):
            is_ruled = True
            system = system or rule.system
            ruled = ruled or rule.severity
            if system and ruled:
                break
    if not system and labels.get("system") in set(known):
        system = labels["system"]
    usual = _SEVERITIES.get(severity.strip().lower())
    return Mapped(system, ruled or (usual.value if usual else default), is_ruled)


def words_of(rules: Sequence[str]) -> str:
    """Return rules as the form shows them."""
    return "\n".join(rules)
