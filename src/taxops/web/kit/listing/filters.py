"""Filters of a list (筛选): read from the URL, applied to the rows, shown as removable chips.

A value that cannot be read is reported to the reader and ignored; it never breaks the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import EnumType
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import QueryDict

from taxops.engines.base import CHINA, BadInput, Choices, Scope

Pairs = Sequence[tuple[str, str]]
ChoiceSource = type[Choices] | Pairs | Callable[[Scope, datetime], Pairs]
Rows = QuerySet[Any]
ANY = "all"
"""In the address: no condition, where a filter has one by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The root of filters (筛选条件).

    Args:
        name: parameter in the URL.
        label: Chinese label.
        field: ORM field; empty: `name`.
        apply: narrows the rows itself instead of by `field`.
    """

    name: str
    label: str
    field: str = ""
    apply: Callable[[Rows, Any], Rows] | None = None
    kind: ClassVar[str] = "text"

    @property
    def off(self) -> str | None:
        """What the address says when the condition does not hold; None: nothing."""
        return None

    @property
    def lookup(self) -> str:
        """The ORM field it looks at."""
        return self.field or self.name

    @property
    def params(self) -> tuple[str, ...]:
        """Names of its URL parameters."""
        return (self.name,)

    def parse(self, params: QueryDict, scope: Scope, now: datetime) -> Any:
        """Return the value in the URL, or None when there is none.

        Raises:
            BadInput: there is one that cannot be used.
        """
        return params.get(self.name, "").strip()[:200] or None

    def narrow(self, rows: Rows, value: Any) -> Rows:
        """Return the rows that match the value."""
        if self.apply is not None:
            return self.apply(rows, value)
        return rows.filter(self.condition(value))

    def condition(self, value: Any) -> Q:
        """Return the condition that the value stands for."""
        return Q(**{f"{self.lookup}__icontains": value})

    def words(self, value: Any, scope: Scope, now: datetime) -> str:
        """Return the value as its chip says it."""
        return str(value)

    def options(self, scope: Scope, now: datetime) -> Pairs:
        """Return what may be chosen; empty for free text."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter(Filter):
    """Part of a text (文本筛选)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenFilter(Filter):
    """What the address keeps about how rows are shown (显示方式): no box, no chip, no row less by itself."""

    kind: ClassVar[str] = "hidden"

    def narrow(self, rows: Rows, value: Any) -> Rows:
        """Return the rows, narrowed only when `apply` says so."""
        return rows if self.apply is None else self.apply(rows, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceFilter(Filter):
    """One of several values (单选); with `multiple`, any of them (多选).

    Args:
        choices: a `Choices` class, `(code, label)` pairs, or a function of scope and now.
        multiple: whether several may be chosen.
        default: codes that hold while the address says nothing; `all` in the address lifts them.
    """

    choices: ChoiceSource = ()
    multiple: bool = False
    default: Sequence[str] = ()
    kind: ClassVar[str] = "choice"

    @property
    def off(self) -> str | None:
        """What the address says when the condition does not hold; None: nothing."""
        return ANY if self.default else None

    def options(self, scope: Scope, now: datetime) -> Pairs:
        """Return `(code, label)` pairs."""
        if isinstance(self.choices, EnumType):
            return self.choices.pairs()
        if callable(self.choices):
            return self.choices(scope, now)
        return self.choices

    def parse(self, params: QueryDict, scope: Scope, now: datetime) -> list[str] | None:
        """Return the chosen codes.

        Raises:
            BadInput: a code that is not on offer.
        """
        wanted = [v for v in dict.fromkeys(params.getlist(self.name)) if v]
        if not wanted:
            return list(self.default) or None
        if self.default and wanted == [ANY]:
            return None
        known = {str(code) for code, _ in self.options(scope, now)}
        strange = [w for w in wanted if w not in known]
        if strange:
            raise BadInput(f"「{self.label}」没有「{strange[0][:40]}」这个选项。")
        if not self.multiple and len(wanted) > 1:
            raise BadInput(f"「{self.label}」只能选一项。")
        return wanted

    def condition(self, value: Any) -> Q:
        """Return: the field is one of the codes."""
        return Q(**{f"{self.lookup}__in": value})

    def words(self, value: Any, scope: Scope, now: datetime) -> str:
        """Return the labels of the codes."""
        labels = {str(code): label for code, label in self.options(scope, now)}
        return "、".join(labels.get(v, v) for v in value)


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanFilter(Filter):
    """Yes or no (是否)."""

    yes: str = "是"
    no: str = "否"
    kind: ClassVar[str] = "choice"

    @property
    def multiple(self) -> bool:
        """Never."""
        return False

    def options(self, scope: Scope, now: datetime) -> Pairs:
        """Return yes and no."""
        return (("1", self.yes), ("0", self.no))

    def parse(self, params: QueryDict, scope: Scope, now: datetime) -> bool | None:
        """Return the answer.

        Raises:
            BadInput: neither 1 nor 0.
        """
        text = params.get(self.name, "")
        if text in {"1", "0"}:
            return text == "1"
        if text:
            raise BadInput(f"「{self.label}」只能选「{self.yes}」或「{self.no}」。")
        return None

    def condition(self, value: Any) -> Q:
        """Return: the field is so."""
        return Q(**{self.lookup: value})

    def words(self, value: Any, scope: Scope, now: datetime) -> str:
        """Return yes or no in words."""
        return self.yes if value else self.no


@dataclass(frozen=True, slots=True)
class Days:
    """A span of days in China (日期范围); either end may be open, both are included."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRangeFilter(Filter):
    """From day to day, both included, in China time (日期范围). `dates`: the field is a date, not a time."""

    dates: bool = False
    kind: ClassVar[str] = "dates"

    @property
    def params(self) -> tuple[str, ...]:
        """Two parameters: `<name>_from` and `<name>_to`."""
        return (f"{self.name}_from", f"{self.name}_to")

    def parse(self, params: QueryDict, scope: Scope, now: datetime) -> Days | None:
        """Return the span.

        Raises:
            BadInput: an end is not a date, or they are the wrong way round.
        """
        ends: list[date | None] = []
        for name in self.params:
            text = params.get(name, "").strip()
            try:
                end = date.fromisoformat(text) if text else None
            except ValueError:
                raise BadInput(
                    f"「{self.label}」的「{text[:20]}」不是日期，应为 2026-06-01 的样式。"
                ) from None
            if end is not None and not 1970 <= end.year <= 2999:
                raise BadInput(f"「{self.label}」的年份 {end.year} 超出范围（1970 至 2999）。")
            ends.append(end)
        first, last = ends
        if first is None and last is None:
            return None
        if first is not None and last is not None and first > last:
            raise BadInput(f"「{self.label}」的开始日期晚于结束日期。")
        return Days(first, last)

    def condition(self, value: Days) -> Q:
        """Return: the field lies within the span."""
        found = Q()
        if value.first is not None:
            found &= Q(**{f"{self.lookup}__gte": value.first if self.dates else _midnight(value.first)})
        if value.last is not None:
            after = value.last + timedelta(days=1)
            found &= Q(**{f"{self.lookup}__lt": after if self.dates else _midnight(after)})
        return found

    def words(self, value: Days, scope: Scope, now: datetime) -> str:
        """Return the span in words."""
        first, last = value.first, value.last
        if first == last:
            return str(first)
        if first is None:
            return f"{last} 及以前"
        return f"{first} 及以后" if last is None else f"{first} 至 {last}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=CHINA)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgFilter(Filter):
    """An organisation and everything below it (机构及下级), chosen from those within the scope.

    `field` is the path of the organisation on the row, usually `org__path`.
    """

    kind: ClassVar[str] = "org"

    @property
    def lookup(self) -> str:
        """The path it looks at."""
        return self.field or "org__path"

    def parse(self, params: QueryDict, scope: Scope, now: datetime) -> Any:
        """Return the organisation.

        Raises:
            BadInput: there is no such organisation.
        """
        code = params.get(self.name, "").strip()
        if not code:
            return None
        from taxops.web.kit.orgs import find  # asks identity; filters themselves stay free of it

        unit = find(code)
        if unit is None:
            raise BadInput(f"没有代码为「{code[:40]}」的机构。")
        return unit

    def condition(self, value: Any) -> Q:
        """Return: the path begins with the organisation's."""
        return Q(**{f"{self.lookup}__startswith": value.path})

    def words(self, value: Any, scope: Scope, now: datetime) -> str:
        """Return the organisation's name."""
        return f"{value.name}及下级"
