"""Types of an expression against the schema (类型检查): wrong names and mismatches are found before any data is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import NoReturn

from taxops.engines.warehouse import Schema, Table

from .complaints import BadExpression
from .functions import FUNCTIONS, OVER_INDICATORS, SAME
from .nodes import Between, Binary, Call, Exists, IsNull, Literal, Member, Name, Node, Param, Unary, walk
from .sorts import (
    BOOL,
    DATE,
    FEN,
    FLOAT,
    INT,
    NULL,
    NUMBER,
    NUMBERS,
    TEXT,
    TITLES,
    Sorted,
    arithmetic,
    common,
    fits,
)

PERIOD = {"start": DATE, "last": DATE, "next": DATE}
"""`period.start` and `period.last` are its first and last day, `period.next` the day after."""


PARTS_OF_A_VALUE = ("num", "den", "value")
"""In derived definitions `a` is the value of indicator `a`, `a.num` and `a.den` its parts."""


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean where an expression stands (名字空间).

    Args:
        schema: all tables.
        table: the table whose columns stand bare; None in derived definitions.
        outer: inside `exists`, the table that `this.x` means.
        params: sorts of `$name`.
        values: names of other indicators' values, in derived definitions.
    """

    schema: Schema
    table: Table | None = None
    outer: Table | None = None
    params: Mapping[str, Sorted] = field(default_factory=dict)
    values: Mapping[str, Sorted] = field(default_factory=dict)


def check(node: Node, names: Names, text: str, wanted: Sorted = "") -> Sorted:
    """Return the sort of an expression.

    Args:
        node: its tree.
        names: what names mean here.
        text: the source, for errors.
        wanted: the sort it must have; empty for any.

    Raises:
        BadExpression: an unknown name, a mismatch; the message names line and column.
    """
    checker = _Checker(names, text)
    sort = checker.sort(node)
    if wanted and not fits(sort, wanted):
        checker.fail(f"这里应是{TITLES[wanted]}，却是{TITLES[sort]}。", node)
    return sort


class _Checker:
    """One walk over one tree."""

    def __init__(self, names: Names, text: str) -> None:
        self.names = names
        self.text = text

    def fail(self, what: str, node: Node, todo: str = "") -> NoReturn:
        raise BadExpression(what, text=self.text, at=node.at, todo=todo)

    def unknown(self, what: str, node: Node, name: str, known: list[str]) -> NoReturn:
        near = get_close_matches(name, known, n=1)
        todo = f"您是不是要写 {near[0]}？" if near else ""
        self.fail(what, node, todo + f"可用的有：{'、'.join(known) or '（无）'}。")

    def sort(self, node: Node) -> Sorted:
        match node:
            case Literal(value=value):
                return _literal(value)
            case Param(name=name):
                if name not in self.names.params:
                    self.unknown(f"没有参数「${name}」。", node, name, list(self.names.params))
                return self.names.params[name]
            case Name():
                return self.name(node)
            case Unary():
                return self.unary(node)
            case Binary():
                return self.binary(node)
            case Member(operand=x, items=items):
                return self.member(x, items, node)
            case Between(operand=x, low=a, high=b):
                self.together(x, a, node)
                self.together(x, b, node)
                return BOOL
            case IsNull(operand=x):
                self.sort(x)
                return BOOL
            case Call():
                return self.call(node)
            case Exists():
                return self.exists(node)

    def name(self, node: Name) -> Sorted:
        names = self.names
        if node.owner == "period":
            if node.name not in PERIOD:
                self.unknown(f"period 没有「{node.name}」。", node, node.name, list(PERIOD))
            return PERIOD[node.name]
        if not node.owner and node.name in names.values:
            return names.values[node.name]
        if node.owner in names.values:
            if node.name not in PARTS_OF_A_VALUE:
                self.unknown(f"{node.owner} 没有「{node.name}」。", node, node.name, list(PARTS_OF_A_VALUE))
            return FLOAT
        if names.table is None:
            self.unknown(f"没有「{node.name}」这个值。", node, node.name, list(names.values))
        if not node.owner:
            return self.column(names.table, node)
        if node.owner == "this":
            if names.outer is None:
                self.fail("this 只能写在 exists 里面，指外面那一行。", node)
            return self.column(names.outer, node)
        return self.column(self.referred(node, names.table), node)

    def column(self, table: Table, node: Name) -> Sorted:
        if node.name not in table.columns:
            self.unknown(f"{table.title}没有「{node.name}」这一列。", node, node.name, list(table.columns))
        return table.columns[node.name].kind.value

    def referred(self, node: Name, table: Table) -> Table:
        """Return the table that `owner.x` means: it is referred to by exactly one or the first column of the row."""
        owners = [c.refers for c in table.columns.values() if c.refers and c.refers != table.name]
        known = list(dict.fromkeys(owners)) + [
            c.name.removesuffix("_id") for c in table.columns.values() if c.refers
        ]
        target = reference(table, node.owner)
        if target is None:
            self.unknown(
                f"{table.title}不指向「{node.owner}」。", node, node.owner, list(dict.fromkeys(known))
            )
        return self.names.schema.table(table.columns[target].refers)

    def unary(self, node: Unary) -> Sorted:
        sort = self.sort(node.operand)
        if node.operator == "not":
            if not fits(sort, BOOL):
                self.fail(f"not 后面应是判断，却是{TITLES[sort]}。", node.operand)
            return BOOL
        if sort not in NUMBERS:
            self.fail(f"负号后面应是数，却是{TITLES[sort]}。", node.operand)
        return sort

    def binary(self, node: Binary) -> Sorted:
        if node.operator in {"and", "or"}:
            for side in (node.left, node.right):
                sort = self.sort(side)
                if not fits(sort, BOOL):
                    self.fail(f"{node.operator} 两边应是判断，这里却是{TITLES[sort]}。", side)
            return BOOL
        if node.operator in {"+", "-", "*", "/"}:
            return self.arithmetic(node)
        sort = self.together(node.left, node.right, node)
        if NULL in (self.sort(node.left), self.sort(node.right)):
            self.fail("和空值比较永远不成立。", node, "请写 is null 或 is not null。")
        if sort == BOOL and node.operator not in {"==", "!="}:
            self.fail("判断不分大小。", node, "请用 == 或 !=。")
        return BOOL

    def arithmetic(self, node: Binary) -> Sorted:
        left, right = self.sort(node.left), self.sort(node.right)
        for side, sort in ((node.left, left), (node.right, right)):
            if sort not in NUMBERS:
                dated = sort in {DATE, "datetime"}
                todo = "日期相减请用 days_between，加减请用 add_days、add_months。" if dated else ""
                self.fail(f"{node.operator} 两边应是数，这里却是{TITLES[sort]}。", side, todo)
        if node.operator == "*" and left == right == FEN:
            self.fail("金额不能乘金额。", node)
        if node.operator in {"+", "-"} and {left, right} == {FEN, INT} and not self.is_zero(node):
            self.fail(
                "金额（分）不能和普通整数相加减。",
                node,
                "请确认单位；金额常量请用参数 $名 并注明 kind = 'fen'。",
            )
        return arithmetic(node.operator, left, right)

    @staticmethod
    def is_zero(node: Binary) -> bool:
        return any(isinstance(s, Literal) and s.value == 0 for s in (node.left, node.right))

    def together(self, a: Node, b: Node, node: Node) -> Sorted:
        left, right = self.sort(a), self.sort(b)
        found = common(left, right)
        if found is None:
            todo = "时间和日期比较请用 date_of(时间)。" if {left, right} == {DATE, "datetime"} else ""
            if {left, right} == {DATE, TEXT}:
                todo = "日期常量请写 date('2025-01-01')。"
            self.fail(f"{TITLES[left]}和{TITLES[right]}不能比较。", node, todo)
        return found

    def member(self, operand: Node, items: tuple[Node, ...], node: Node) -> Sorted:
        if not items:
            self.fail("in 后面的列表是空的。", node)
        for item in items:
            if not isinstance(item, Literal | Param):
                self.fail("in 的列表里只能是常量或参数。", item)
            self.together(operand, item, item)
        return BOOL

    def call(self, node: Call) -> Sorted:
        if node.name == "case":
            return self.case(node)
        if node.name in OVER_INDICATORS:
            return self.over_indicators(node)
        if node.name not in FUNCTIONS:
            self.unknown(
                f"没有函数「{node.name}」。",
                node,
                node.name,
                [*FUNCTIONS, "case", "exists", *OVER_INDICATORS],
            )
        function = FUNCTIONS[node.name]
        least, given = len(function.takes), len(node.arguments)
        if given < least or (given > least and not function.variadic):
            self.fail(
                f"{node.name} 要 {least} 个参数，给了 {given} 个。", node, f"{node.name}：{function.title}。"
            )
        takes = function.takes + function.takes[-1:] * (given - least)
        if node.name == "date":
            return self.dated(node)
        if node.name == "status_at" and (
            self.names.table is None or reference(self.names.table, "tp") is None
        ):
            self.fail("status_at 只能用于有纳税人编号的表。", node)
        return self.result(node, takes, function.gives)

    def result(self, node: Call, takes: tuple[Sorted, ...], gives: Sorted) -> Sorted:
        same: Sorted = NULL
        for argument, wanted in zip(node.arguments, takes, strict=True):
            sort = self.sort(argument)
            if wanted == SAME:
                agreed = common(same, sort)
                if agreed is None:
                    self.fail(f"{node.name} 的参数类型不一致：{TITLES[same]}和{TITLES[sort]}。", argument)
                same = agreed
            elif not fits(sort, wanted):
                todo = "请先用 date_of(时间)。" if wanted == DATE and sort == "datetime" else ""
                self.fail(f"{node.name} 的这个参数应是{TITLES[wanted]}，却是{TITLES[sort]}。", argument, todo)
        if gives == NUMBER:
            return self.sort(node.arguments[0])
        return same if gives == SAME else gives

    def dated(self, node: Call) -> Sorted:
        value = node.arguments[0]
        if not isinstance(value, Literal) or not isinstance(value.value, str):
            self.fail("date 里应是写明的日期。", node, "例如 date('2025-01-01')。")
        if not is_date(value.value):
            self.fail(f"「{value.value}」不是日期。", value, "例如 date('2025-01-01')。")
        return DATE

    def case(self, node: Call) -> Sorted:
        if len(node.arguments) < 3 or len(node.arguments) % 2 == 0:
            self.fail("case 应成对写条件和值，最后写否则的值。", node, "例如 case(a > 1, 10, a > 0, 5, 0)。")
        found: Sorted = NULL
        for n, argument in enumerate(node.arguments):
            sort = self.sort(argument)
            if n % 2 == 0 and n < len(node.arguments) - 1:
                if not fits(sort, BOOL):
                    self.fail(f"case 的条件应是判断，却是{TITLES[sort]}。", argument)
                continue
            agreed = common(found, sort)
            if agreed is None:
                self.fail(f"case 的各个值类型不一致：{TITLES[found]}和{TITLES[sort]}。", argument)
            found = agreed
        return found

    def over_indicators(self, node: Call) -> Sorted:
        if self.names.table is not None:
            self.fail(f"{node.name} 只能用于派生指标。", node, OVER_INDICATORS[node.name])
        first = node.arguments[0] if node.arguments else None
        if not isinstance(first, Name) or first.owner or first.name not in self.names.values:
            self.fail(f"{node.name} 里应先写所引用指标的名字。", node, OVER_INDICATORS[node.name])
        rest = node.arguments[1:]
        right = len(rest) == (1 if node.name == "prev" else 0)
        if not right or any(
            not isinstance(r, Literal) or not isinstance(r.value, int) or r.value < 1 for r in rest
        ):
            self.fail(f"{node.name} 的写法不对。", node, OVER_INDICATORS[node.name])
        return FLOAT

    def exists(self, node: Exists) -> Sorted:
        if self.names.table is None or self.names.outer is not None:
            self.fail("exists 不能写在这里。", node, "exists 只能用在行的条件里，且不能再套 exists。")
        if node.table not in self.names.schema.tables:
            self.unknown(f"没有「{node.table}」这张表。", node, node.table, list(self.names.schema.tables))
        inner = self.names.schema.tables[node.table]
        scope = Names(self.names.schema, inner, self.names.table, self.names.params)
        if not fits(_Checker(scope, self.text).sort(node.where), BOOL):
            self.fail("where 后面应是判断。", node.where)
        for part in walk(node.where):
            if isinstance(part, Call) and part.name == "status_at":
                self.fail("exists 里面不能用 status_at。", part)
            if isinstance(part, Name) and part.owner not in {"", "this", "period"}:
                self.fail("exists 里面不能再引用别的表。", part)
        if not any(_ties(part) for part in _conjuncts(node.where)):
            self.fail("exists 的条件要把两张表连起来。", node, "例如 exists(hit where tp_id == this.tp_id)。")
        return BOOL


def reference(table: Table, owner: str) -> str | None:
    """Return the column through which `owner.x` is reached: `tp` by reference, `seller` by the column seller_id."""
    by_column = table.columns.get(f"{owner}_id")
    if by_column is not None and by_column.refers:
        return by_column.name
    return next((c.name for c in table.columns.values() if c.refers == owner), None)


def is_date(text: str) -> bool:
    """Test whether a text is an ISO date."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _conjuncts(node: Node) -> list[Node]:
    if isinstance(node, Binary) and node.operator == "and":
        return _conjuncts(node.left) + _conjuncts(node.right)
    return [node]


def _ties(node: Node) -> bool:
    sides = (node.left, node.right) if isinstance(node, Binary) and node.operator == "==" else ()
    owners = {s.owner for s in sides if isinstance(s, Name)}
    return owners == {"", "this"}


def _literal(value: object) -> Sorted:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return INT
    return FLOAT if isinstance(value, float) else TEXT
