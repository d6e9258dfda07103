"""What a list's URL asks for (列表地址): search, filters, sort, page; read leniently, written canonically."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    usual: set[str] = field(default_factory=set)
    """Names of the filters that leave no row out of what the page shows by itself."""

    @property
    def narrowed(self) -> bool:
        """Whether search or filters leave out rows that the page would show by itself."""
        return bool(self.q or self.values.keys() - self.usual)

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
            _keep(asked, one, one.parse(QueryDict(), scope, now), lambda _name: ())
            continue
        _keep(asked, one, value, clean.getlist)
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


def _keep(asked: Asked, one: Filter, value: Any, sent: Callable[[str], Sequence[str]]) -> None:
    """Note what a filter came to, and what the canonical address says of it."""
    if value is None:
        if one.off is not None:
            asked.params[one.name] = one.off
        return
    asked.values[one.name] = value
    for name in one.params:
        if kept := [v for v in dict.fromkeys(sent(name)) if v]:
            asked.params.setlist(name, kept)
    if one.kind == "hidden" or (one.off is not None and not asked.params.getlist(one.name)):
        asked.usual.add(one.name)


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


def order(sort: str, columns: Sequence[Column], then: Sequence[str] = ()) -> list[str]:
    """Return the ORM ordering for a sort parameter, then by `then`, made total by the primary key."""
    fields: list[str] = []
    if sort:
        sign, name = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
        by: Mapping[str, str] = {c.name: c.order_by for c in columns if c.order_by}
        fields.append(sign + by.get(name, name))
    taken = {f.lstrip("-") for f in fields}
    fields += [f for f in then if f.lstrip("-") not in taken]
    if not any(f.lstrip("-") in {"pk", "id"} for f in fields):
        fields.append("-pk" if fields and fields[-1].startswith("-") else "pk")
    return fields
