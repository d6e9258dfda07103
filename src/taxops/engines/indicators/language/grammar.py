"""Tokens to a tree (语法): a Pratt parser; every complaint names line and column.

Loosest first: `or`, `and`, `not`, comparisons (`== != < <= > >= in between is`), `+ -`, `* /`, `-x`.
"""

from __future__ import annotations

from .complaints import BadExpression
from .nodes import Between, Binary, Call, Exists, IsNull, Literal, Member, Name, Node, Param, Unary
from .tokens import Sort, Token, tokenize

OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN = 10, 20, 30, 40, 50, 60, 70
"""Binding powers: what stands higher binds tighter."""

MAX_DEPTH = 40
_POWERS = {
    "or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT,
    "==": COMPARE, "!=": COMPARE, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "in": COMPARE, "between": COMPARE, "is": COMPARE, "not": COMPARE,
}  # fmt: skip
_HINTS = {"=": "相等请写 ==。", "<>": "不等请写 !=。", "%": "没有取余；百分数请写成 0.05 这样的小数。"}


def parse(text: str) -> Node:
    """Return the tree of an expression.

    Raises:
        BadExpression: the text is no expression; the message names line and column.
    """
    return _Parser(text).whole()


class _Parser:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def complaint(self, what: str, token: Token, todo: str = "") -> BadExpression:
        return BadExpression(what, text=self.text, at=token.at, todo=todo)

    def advance(self) -> Token:
        token = self.token
        if token.sort is not Sort.END:
            self.position += 1
        return token

    def is_at(self, spelling: str) -> bool:
        return self.token.sort in {Sort.SIGN, Sort.WORD} and self.token.spelling == spelling

    def expect(self, spelling: str, todo: str = "") -> Token:
        if not self.is_at(spelling):
            where = "表达式末尾" if self.token.sort is Sort.END else f"「{self.token.spelling}」"
            raise self.complaint(f"这里应是「{spelling}」，却是{where}。", self.token, todo)
        return self.advance()

    def whole(self) -> Node:
        if self.token.sort is Sort.END:
            raise self.complaint("表达式是空的。", self.token, "例如 filed_on <= due。")
        node = self.expression(0)
        rest = self.advance()
        if rest.sort is not Sort.END:
            raise self.unexpected(rest)
        return node

    def unexpected(self, token: Token) -> BadExpression:
        if token.sort is Sort.END:
            return self.complaint("表达式不完整，末尾缺少内容。", token)
        return self.complaint(f"这里不应是「{token.spelling}」。", token, _HINTS.get(token.spelling, ""))

    def expression(self, power: int) -> Node:
        """Return the longest expression from here whose operators bind tighter than `power`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.complaint(f"括号和函数最多套 {MAX_DEPTH} 层。", self.token, "请拆成几个指标。")
        left = self.prefix()
        while self.token.sort in {Sort.SIGN, Sort.WORD} and _POWERS.get(self.token.spelling, 0) > power:
            left = self.extend(left)
        self.depth -= 1
        return left

    def extend(self, left: Node) -> Node:
        token = self.advance()
        power = _POWERS[token.spelling]
        if power == COMPARE:
            node = self.comparison(left, token)
            if self.token.sort in {Sort.SIGN, Sort.WORD} and _POWERS.get(self.token.spelling, 0) == COMPARE:
                raise self.complaint("比较不能连着写。", self.token, "请用 and 连接，例如 a > 1 and a < 5。")
            return node
        return Binary(token.spelling, left, self.expression(power), token.at)

    def comparison(self, left: Node, token: Token) -> Node:
        negated = token.spelling == "not"
        if negated:
            token = self.advance()
            if token.spelling not in {"in", "between"}:
                raise self.complaint("not 后面应是 in 或 between。", token)
        if token.spelling == "in":
            return Member(left, self.listing(), negated, token.at)
        if token.spelling == "between":
            low = self.expression(COMPARE)
            self.expect("and", "请写成 between 低 and 高。")
            return Between(left, low, self.expression(COMPARE), negated, token.at)
        if token.spelling == "is":
            negated = self.is_at("not")
            if negated:
                self.advance()
            self.expect("null", "请写成 is null 或 is not null。")
            return IsNull(left, negated, token.at)
        right = self.expression(COMPARE)
        return Binary(token.spelling, left, right, token.at)

    def listing(self) -> tuple[Node, ...]:
        closing = "]" if self.is_at("[") else ")"
        if not (self.is_at("[") or self.is_at("(")):
            raise self.complaint("in 后面应是列表。", self.token, "例如 status in ('abnormal', 'fled')。")
        self.advance()
        return self.several(closing)

    def several(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self.is_at(closing):
            items.append(self.expression(0))
            if not self.is_at(","):
                break
            self.advance()
        self.expect(closing)
        return tuple(items)

    def prefix(self) -> Node:
        token = self.advance()
        match token.sort:
            case Sort.NUMBER:
                value = float(token.spelling) if "." in token.spelling else int(token.spelling)
                if isinstance(value, int) and value >= 2**63:
                    raise self.complaint("数太大。", token, "整数最大为 9223372036854775807。")
                return Literal(value, token.at)
            case Sort.TEXT:
                return Literal(token.spelling, token.at)
            case Sort.PARAM:
                return Param(token.spelling, token.at)
            case Sort.NAME:
                return self.name(token)
            case _:
                return self.sign(token)

    def sign(self, token: Token) -> Node:
        if token.sort is Sort.WORD and token.spelling in {"true", "false", "null"}:
            return Literal({"true": True, "false": False, "null": None}[token.spelling], token.at)
        if token.sort is Sort.WORD and token.spelling == "not":
            return Unary("not", self.expression(NOT), token.at)
        if token.sort is Sort.SIGN and token.spelling == "-":
            return Unary("-", self.expression(SIGN), token.at)
        if token.sort is Sort.SIGN and token.spelling == "(":
            inside = self.expression(0)
            self.expect(")")
            return inside
        raise self.unexpected(token)

    def name(self, token: Token) -> Node:
        if self.is_at("("):
            self.advance()
            if token.spelling == "exists":
                return self.exists(token)
            return Call(token.spelling, self.several(")"), token.at)
        if self.is_at("."):
            self.advance()
            member = self.advance()
            if member.sort is not Sort.NAME:
                raise self.complaint("「.」后面应是列名。", member)
            return Name(token.spelling, member.spelling, token.at)
        return Name("", token.spelling, token.at)

    def exists(self, token: Token) -> Node:
        table = self.advance()
        if table.sort is not Sort.NAME:
            raise self.complaint(
                "exists 里应先写表名。", table, "例如 exists(hit where tp_id == this.tp_id)。"
            )
        self.expect("where", "例如 exists(hit where tp_id == this.tp_id)。")
        where = self.expression(0)
        self.expect(")")
        return Exists(table.spelling, where, token.at)
