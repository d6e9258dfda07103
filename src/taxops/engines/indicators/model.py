"""What a computation gives (计算结果): results, the run they came from, the nodes it walked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .passes import Work
from .period import Mode, Period
from .quality import Finding, State
from .valuing import Number

SubjectKey = tuple[int, ...]
"""A unit or taxpayer as `(id,)`, a pair as `(seller, buyer)`."""


@dataclass(frozen=True, slots=True)
class Result:
    """One number about one subject (指标结果).

    Args:
        code: of the indicator.
        version: of its definition.
        subject: whom it is about.
        period: as text.
        mode: current or year to date.
        num: numerator.
        den: denominator.
        value: None where there is none.
        state: how far it may be relied on.
        reasons: why, in Chinese, unless trusted.
        fingerprint: hash of definition and data; the same fingerprint, the same numbers.
    """

    code: str
    version: int
    subject: SubjectKey
    period: str
    mode: Mode
    num: Number | None
    den: Number | None
    value: Number | None
    state: State
    reasons: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Run:
    """What one computation gave (计算批次).

    Args:
        results: by code, then subject.
        inputs: code → table → month → version of all it was computed from.
        findings: code → what its checks found.
        work: passes and slices it took.
    """

    results: tuple[Result, ...]
    inputs: Mapping[str, Mapping[str, Mapping[str, int]]]
    findings: Mapping[str, tuple[Finding, ...]]
    work: Work

    def of(self, code: str) -> dict[SubjectKey, Result]:
        """Return the results of one indicator, by subject."""
        return {r.subject: r for r in self.results if r.code == code}


@dataclass(frozen=True, slots=True)
class Node:
    """One indicator over one run of months (计算节点)."""

    code: str
    whole: Period
    mode: Mode
