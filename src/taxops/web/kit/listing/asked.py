"""What a list's URL asks for (列表地址): search, filters, sort, page; read leniently, written canonically."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict

from taxops.engines.base import BadInput, Scope

from .columns import Column
from .filters import Filter

SIZES = (50, 100, 200)
RESERVED = frozenset({"q", "sort", "page", "size", "format", "cols", "part", "text", "under", "of"})
MAX_PAGE = 20_000


@dataclass(slots=True)
class Asked:
    """What the reader asks of a list, and what of it could not be understood (查询条件)."""

    q: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = SIZES[0]
    cols: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)
    params: QueryDict = field(default_factory=lambda: QueryDict(mutable=True))
    """The canonical parameters: only what was understood and differs from the default."""

    @property
    def narrowed(self) -> bool:
        """Whether search or filters leave rows out."""
        return bool(self.q or self.values)

    def url(self, **changes: str | int | Sequence[str] | None) -> str:
        """Return the query string with some parameters changed (None: dropped), from the first page on."""
        params = self.params.copy()
        params.pop("page", None)
        for name, value in changes.items():
            if value is None:
                params.pop(name, None)
            elif isinstance(value, str | int):
                params[name] = str(value)
            else:
                params.setlist(name, list(value))
        return "?" + params.urlencode()

    def without(self, names: Sequence[str]) -> str:
        """Return the query string without some parameters."""
        return self.url(**dict.fromkeys(names))


def read(
    params: QueryDict,
    *,
    columns: Sequence[Column],
    filters: Sequence[Filter],
    default_sort: str,
    default_size: int,
    scope: Scope,
    now: datetime,
) -> Asked:
    """Return what the URL asks; whatever cannot be read is named in `problems` and ignored."""
    asked = Asked(size=default_size)
    clean = _without_nul(params, asked.problems)
    keep = asked.params
    asked.q = clean.get("q", "").strip()[:200]
    if asked.q:
        keep["q"] = asked.q
    for one in filters:
        try:
            value = one.parse(clean, scope, now)
        except BadInput as error:
            asked.problems.append(f"{error.what}已忽略这个条件。")
            continue
        if value is not None:
            asked.values[one.name] = value
            for name in one.params:
                if kept := [v for v in dict.fromkeys(clean.getlist(name)) if v]:
                    keep.setlist(name, kept)
    asked.sort = _sort(clean.get("sort", ""), columns, asked.problems) or default_sort
    if asked.sort != default_sort:
        keep["sort"] = asked.sort
    asked.size = _size(clean.get("size", ""), default_size, asked.problems)
    if asked.size != default_size:
        keep["size"] = str(asked.size)
    known = {c.name for c in columns}
    asked.cols = tuple(n for n in clean.get("cols", "").split(",") if n in known)
    if asked.cols:
        keep["cols"] = ",".join(asked.cols)
    asked.page = _page(clean.get("page", ""), asked.problems)
    if asked.page > 1:
        keep["page"] = str(asked.page)
    return asked


def _without_nul(params: QueryDict, problems: list[str]) -> QueryDict:
    """Return the parameters without those that carry a NUL, which no database accepts in text."""
    clean = QueryDict(mutable=True)
    for name, values in params.lists():
        good = [v for v in values if "\x00" not in v]
        if len(good) < len(values):
            problems.append("地址中有无法识别的字符，已忽略。")
        clean.setlist(name, good)
    return clean


def _sort(text: str, columns: Sequence[Column], problems: list[str]) -> str:
    if not text:
        return ""
    for column in columns:
        if column.order_by and text.removeprefix("-") == column.name:
            return text if text.count("-", 0, 1) <= 1 and not text.startswith("--") else column.name
    problems.append(f"不能按「{text[:40]}」排序，已用默认顺序。")
    return ""


def _size(text: str, default: int, problems: list[str]) -> int:
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 6 and int(text) in {*SIZES, default}:
        return int(text)
    problems.append(f"每页行数只能是 {'、'.join(map(str, SIZES))}。")
    return default


def _page(text: str, problems: list[str]) -> int:
    if not text:
        return 1
    if text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MAX_PAGE:
        return int(text)
    problems.append(f"没有第「{text[:20]}」页，已回到第 1 页。")
    return 1


def order(sort: str, columns: Sequence[Column]) -> list[str]:
    """Return the ORM ordering for a sort parameter, made total by the primary key."""
    fields: list[str] = []
    if sort:
        sign, name = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
        by: Mapping[str, str] = {c.name: c.order_by for c in columns if c.order_by}
        fields.append(sign + by.get(name, name))
    if not any(f.lstrip("-") in {"pk", "id"} for f in fields):
        fields.append("-pk" if fields and fields[0].startswith("-") else "pk")
    return fields
