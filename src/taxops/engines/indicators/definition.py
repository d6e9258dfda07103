"""The definition of an indicator (指标定义) as plain data: what is counted, of whom, when, and by which law."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from taxops.engines.base import Choices

from .period import Grain, Mode


class IndicatorKind(Choices):
    """How the number comes about (指标种类)."""

    SIMPLE = "simple", "计数或合计"
    RATIO = "ratio", "比率"
    SHARE = "share", "占比"
    MEDIAN = "median", "中位数"
    DAYS = "days", "平均时长"
    DERIVED = "derived", "派生"
    CUMULATIVE = "cumulative", "累计"
    OFFSET = "offset", "往期"
    EXTERNAL = "external", "外部"
    RULE = "rule", "规则"


class Subject(Choices):
    """Whom a number is about (评价对象)."""

    ORG = "org", "机关"
    TAXPAYER = "taxpayer", "纳税人"
    PAIR = "pair", "购销双方"
    PERSON = "person", "自然人"
    ADDRESS = "address", "地址"


class Agg(Choices):
    """How rows become one number (汇总方法)."""

    COUNT = "count", "计数"
    SUM = "sum", "合计"
    MIN = "min", "最小"
    MAX = "max", "最大"
    NUNIQUE = "nunique", "去重计数"
    MEDIAN = "median", "中位数"


ADDITIVE = frozenset({Agg.COUNT, Agg.SUM})
"""What adds up over units and months, and so is kept as a monthly state."""


class Direction(Choices):
    """Which way is better (方向)."""

    UP = "up", "越高越好"
    DOWN = "down", "越低越好"
    RANGE = "range", "适度"


class Unit(Choices):
    """What a value is counted in (单位)."""

    PERCENT = "percent", "百分比"
    COUNT = "count", "个"
    FEN = "fen", "分"
    DAYS = "days", "天"
    MINUTES = "minutes", "分钟"
    PER_10K = "per_10k", "每万"
    NUMBER = "number", "数"


@dataclass(frozen=True, slots=True)
class Measure:
    """A numerator or a denominator (分子、分母): an aggregate over the rows of one table in one period.

    Args:
        source: the table.
        time: its date column that decides the period; empty for a table with history, taken as it stands on the
            last day, and for small tables without time.
        agg: how rows become a number.
        of: the expression that is aggregated; empty for count.
        where: which rows count, beside the filter.
        filter: which rows are looked at; the definition's.
        window: months that end with the period, instead of the period itself.
        shift_days: the period moved by so many days (−30: what fell due thirty days before).
        at: for month-end tables, `first` or `last` month of the period; empty for all of them.
        per: the sum is divided by this whole number at the very end, so that sums stay integers.
    """

    source: str = ""
    time: str = ""
    agg: Agg = Agg.COUNT
    of: str = ""
    where: str = ""
    filter: str = ""
    window: int = 0
    shift_days: int = 0
    at: str = ""
    per: int = 1

    @property
    def additive(self) -> bool:
        """Tell whether it adds up over units and, for tables of events, over months."""
        return self.agg in ADDITIVE


@dataclass(frozen=True, slots=True)
class ParamValue:
    """A value of law or policy in a definition (参数), with its source."""

    value: int | float | str
    source: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One worked example of a definition (算例): on this fixture, this unit and period, these figures."""

    fixture: str
    subject: str
    period: str
    num: float | None = None
    den: float | None = None
    value: float | None = None
    mode: str = "current"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of an indicator (指标版本). See `docs/indicators.md` for every key of its data form.

    Args:
        code: stable code.
        version: whole number; immutable once published.
        name: Chinese name.
        kind: how the number comes about.
        subject: whom it is about.
        grain: shortest period it is published for.
        modes: current and, where wanted, year to date.
        num: numerator; None where the value comes from other indicators or from outside.
        den: denominator; None for counts and sums.
        dims: columns it may be broken down by.
        params: `$name` in its expressions.
        of: alias → code of the indicators it stands on.
        expr: derived and rule: alias `num`, `den` or `rule` → expression over their values.
        back: offset: months back.
        months: cumulative: months of its window; 0 is year to date.
        dataset: external: data set and item.
        sql: checked expert SQL instead of num and den.
        small_sample: `min_den` and `action` (flag or exclude).
    """

    code: str
    version: int
    name: str
    kind: IndicatorKind
    subject: Subject = Subject.ORG
    grain: Grain = Grain.MONTH
    modes: tuple[Mode, ...] = (Mode.CURRENT,)
    aspect: str = ""
    num: Measure | None = None
    den: Measure | None = None
    dims: tuple[str, ...] = ()
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)
    expr: Mapping[str, str] = field(default_factory=dict)
    back: int = 0
    months: int = 0
    dataset: tuple[str, str] = ("", "")
    sql: str = ""
    direction: Direction = Direction.UP
    unit: Unit = Unit.PERCENT
    scale: int = 1
    lag_days: int = 0
    min_den: int = 0
    small_action: str = "flag"
    targets: Mapping[str, float] = field(default_factory=dict)
    checks: tuple[Mapping[str, object], ...] = ()
    drill: tuple[str, ...] = ()
    companion: str = ""
    business: str = ""
    law: tuple[Mapping[str, str], ...] = ()
    owner: Mapping[str, str] = field(default_factory=dict)
    tests: tuple[Case, ...] = ()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return the measures it has: numerator, denominator."""
        return tuple(m for m in (self.num, self.den) if m is not None)

    @property
    def content_hash(self) -> str:
        """Return the hash of everything but its worked examples; equal hash, equal definition."""
        return _hash({k: v for k, v in _plain(self).items() if k != "tests"})

    @property
    def formula_hash(self) -> str:
        """Return the hash of what its numerator and denominator depend on: a new target recomputes nothing."""
        return _hash({k: v for k, v in _plain(self).items() if k in _FORMULA})


_FORMULA = frozenset(
    {
        "kind",
        "subject",
        "num",
        "den",
        "dims",
        "params",
        "of",
        "expr",
        "back",
        "months",
        "dataset",
        "sql",
        "scale",
    }
)


def _plain(definition: Definition) -> dict[str, object]:
    return {
        f.name: (asdict(v) if isinstance(v := getattr(definition, f.name), Measure) else _data(v))
        for f in fields(definition)
    }


def _data(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(k): _data(v) for k, v in sorted(value.items())}
    if isinstance(value, tuple | list):
        return [_data(v) for v in value]
    if isinstance(value, ParamValue | Case):
        return asdict(value)
    return value


def _hash(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
