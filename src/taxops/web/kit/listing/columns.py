"""Columns of a list (列): how a value is read from a row, shown, aligned, sorted and exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from taxops.engines.base import Choices
from taxops.web.kit import components, show
from taxops.web.kit.tones import Tone, state_of

Kind = Literal[
    "text", "number", "percent", "money", "datetime", "date", "duration", "size", "state", "clock",
    "org", "tags", "bool", "sparkline", "html",
]  # fmt: skip

_RIGHT = {"number", "percent", "money", "duration", "size"}
Cell = str | int | float | datetime | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column (列).

    Args:
        name: attribute path on the row (`org.name` or `org__name`); also its name in the URL.
        label: Chinese heading.
        kind: how the value is shown.
        value: reads the value instead of `name`.
        link: page name of a detail page (given the row's `pk`), or a function from row to URL.
        sort: ORM field to sort by; None: `name`; "": not sortable.
        choices: a `Choices` class that gives the words for `state` and `text` codes.
        tones: code → tone where the usual tone does not fit.
        hidden: left out until the reader chooses it.
        unit: shown in the heading, for example 毫秒.
        digits: decimals of numbers.
        wide: may take the space that is left and wrap.
        help: explains the heading on hover.
        near: reads from when a clock is near its limit; None: half an hour before.
        card: place on a phone: `title`, `state`, `fact` or `none`.
    """

    name: str
    label: str
    kind: Kind = "text"
    value: Callable[[Any], Any] | None = None
    link: str | Callable[[Any], str] | None = None
    sort: str | None = None
    choices: type[Choices] | None = None
    tones: Mapping[str, Tone | str] = field(default_factory=dict)
    hidden: bool = False
    unit: str = ""
    digits: int | None = None
    wide: bool = False
    help: str = ""
    near: Callable[[Any], datetime | None] | None = None
    card: Literal["", "title", "state", "fact", "none"] = ""
    exported: bool = True

    @property
    def order_by(self) -> str:
        """The ORM field to sort by; empty when the column cannot be sorted."""
        if self.sort is not None:
            return self.sort
        return "" if self.value is not None else self.name.replace(".", "__")

    @property
    def align(self) -> str:
        """CSS class of heading and cells."""
        classes = [f"tx-k-{self.kind}"]
        if self.kind in _RIGHT:
            classes.append("tx-right")
        if self.wide:
            classes.append("tx-wide")
        if self.card:
            classes.append(f"tx-card-{self.card}")
        return " ".join(classes)

    @property
    def heading(self) -> str:
        """Label with its unit, for exports."""
        unit = self.unit or ("元" if self.kind == "money" else "秒" if self.kind == "duration" else "")
        return f"{self.label}（{unit}）" if unit else self.label

    def read(self, row: Any) -> Any:
        """Return the raw value of this column in a row (an object, or a mapping)."""
        if self.value is not None:
            return self.value(row)
        value: Any = row
        for step in self.name.replace("__", ".").split("."):
            if value is None:
                return None
            value = value.get(step) if isinstance(value, Mapping) else getattr(value, step)
        return value

    def word(self, row: Any, value: Any) -> str:
        """Return the Chinese word of a code: from `choices`, the model field, or the value itself."""
        if value is None or value == "":
            return ""
        if self.choices is not None:
            return self.choices.label_of(str(value))
        if isinstance(value, Choices):
            return value.label
        shown = getattr(row, f"get_{self.name}_display", None)
        if self.value is None and callable(shown):
            return str(shown())
        return str(getattr(value, "label", value))

    def html(self, row: Any, now: datetime) -> SafeString:
        """Return the cell as HTML."""
        inner = self._inner(row, self.read(row), now)
        if self.link is None:
            return inner
        url = reverse(self.link, kwargs={"pk": _pk(row)}) if isinstance(self.link, str) else self.link(row)
        return format_html('<a href="{}">{}</a>', url, inner) if url else inner

    def _inner(self, row: Any, value: Any, now: datetime) -> SafeString:
        if value is None or value == "":
            return components.NOTHING
        draw = _DRAW.get(self.kind)
        if draw is not None:
            return draw(self, row, value, now)
        word = self.word(row, value)
        if self.wide:
            return format_html('<span class="tx-clip" title="{}">{}</span>', word, word)
        return format_html("{}", word)

    def plain(self, row: Any) -> Cell:
        """Return the cell for an export: numbers stay numbers, times stay times, the rest is text."""
        value = self.read(row)
        if value is None or value == "":
            return None
        if self.kind in {"number", "percent", "size"}:
            return float(value) if not isinstance(value, int) else value
        if self.kind == "money":
            return int(value) / 100
        if self.kind == "duration":
            return value.total_seconds() if isinstance(value, timedelta) else float(value)
        if self.kind in {"datetime", "clock", "date"} and isinstance(value, datetime | date):
            return value
        if self.kind == "bool":
            return "是" if value else "否"
        if self.kind == "tags":
            return "、".join(str(v) for v in value)
        if self.kind == "org":
            return str(getattr(value, "name", value))
        if self.kind == "state":
            return state_of(value, label=self.word(row, value)).label
        return self.word(row, value)


def _pk(row: Any) -> Any:
    return row.get("pk", row.get("id")) if isinstance(row, Mapping) else row.pk


def _state(c: Column, row: Any, value: Any, _now: datetime) -> SafeString:
    return components.state(value, label=c.word(row, value), tones=c.tones)


def _clock(c: Column, row: Any, value: datetime, now: datetime) -> SafeString:
    near_at = c.near(row) if c.near is not None else None
    return components.clock(value, now, near=value - near_at) if near_at else components.clock(value, now)


def _spark(_c: Column, _row: Any, value: Sequence[float | None], _now: datetime) -> SafeString:
    return components.sparkline(value)


_DRAW: Mapping[str, Callable[[Column, Any, Any, datetime], SafeString]] = {
    "number": lambda c, _r, v, _n: format_html('<span class="tx-num">{}</span>', show.number(v, c.digits)),
    "percent": lambda c, _r, v, _n: format_html(
        '<span class="tx-num">{}</span>', show.percent(v, 2 if c.digits is None else c.digits)
    ),
    "money": lambda _c, _r, v, _n: components.money(v),
    "datetime": lambda _c, _r, v, n: components.when(v, n),
    "date": lambda _c, _r, v, _n: format_html("{}", show.day(v)),
    "duration": lambda _c, _r, v, _n: components.duration(v),
    "size": lambda _c, _r, v, _n: format_html('<span class="tx-num">{}</span>', show.size(v)),
    "state": _state,
    "clock": _clock,
    "org": lambda _c, _r, v, _n: components.org(v),
    "tags": lambda _c, _r, v, _n: components.tags(v),
    "bool": lambda _c, _r, v, _n: format_html("{}", "是" if v else "否"),
    "sparkline": _spark,
    "html": lambda _c, _r, v, _n: format_html("{}", v),
}
