"""Tokens to a tree (语法): a Pratt parser whose every complaint names a column."""

from __future__ import annotations

from .complaints import BadCondition
from .functions import FUNCTIONS
from .limits import MAX_DEPTH, MAX_NODES
from .nodes import (
    Arithmetic,
    Both,
    Call,
    Comparison,
    Either,
    Key,
    Listing,
    Literal,
    Negative,
    Node,
    Not,
    Path,
    Quantity,
)
from .patterns import Refused, pattern_of
from .tokens import Sort, Token, tokenize

OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN = 10, 20, 30, 40, 50, 60, 70
"""Binding powers: what stands higher binds tighter."""

COMPARISONS = frozenset(
    {"==", "!=", "<", "<=", ">", ">=", "in", "contains", "matches", "startswith", "endswith"}
)
_NEGATABLE = frozenset({"in", "contains", "matches", "startswith", "endswith"})
_POWERS = {"or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT} | dict.fromkeys(
    COMPARISONS, COMPARE
)
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse(text: str) -> Node:
    """Return the tree of a condition.

    Raises:
        BadCondition: the text is not a condition; the message names the column.
    """
    return _Parser(text).whole()


def judges(node: Node) -> bool:
    """Test whether a node may answer true or false, as `and`, `or`, `not` and a whole condition need."""
    match node:
        case Comparison() | Not() | Both() | Either() | Path() | Literal(value=True | False):
            return not isinstance(node, Literal) or isinstance(node.value, bool)
        case Call(name=name):
            return FUNCTIONS[name].judges
        case _:
            return False


class _Parser:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.depth = 0
        self.nodes = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def whole(self) -> Node:
        if self.token.sort is Sort.END:
            raise BadCondition("条件是空的。", text=self.text, at=0, todo="例如 status == 200。")
        node = self.expression(0)
        self.leftover()
        self.need_judgement(node, "整个条件")
        return node

    def expression(self, power: int) -> Node:
        """Return the longest expression from here whose operators bind tighter than `power`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.complaint(f"括号和函数最多套 {MAX_DEPTH} 层。", self.token, "请拆成几条条件。")
        left = self.prefix()
        while (operator := self.infix()) is not None and _POWERS[operator] > power:
            left = self.extend(left, operator)
        self.depth -= 1
        return left

    def infix(self) -> str | None:
        token = self.token
        if token.spelling == "not" and token.sort is Sort.WORD:
            following = self.tokens[self.position + 1]
            is_negated = following.sort is Sort.WORD and following.spelling in _NEGATABLE
            return following.spelling if is_negated else None
        is_operator = token.sort in {Sort.SIGN, Sort.WORD} and token.spelling in _POWERS
        return token.spelling if is_operator else None

    def extend(self, left: Node, operator: str) -> Node:
        token = self.advance()
        if operator in {"and", "or"}:
            return self.junction(left, operator, token)
        if operator in COMPARISONS:
            return self.comparison(left, operator, token)
        self.need_number(left)
        right = self.expression(_POWERS[operator])
        self.need_number(right)
        return self.made(Arithmetic(operator, left, right, token.at))

    def junction(self, left: Node, operator: str, token: Token) -> Node:
        parts = [left]
        self.need_judgement(left, f"{operator} 左边")
        while True:
            part = self.expression(_POWERS[operator])
            self.need_judgement(part, f"{operator} 右边", after=parts[-1])
            parts.append(part)
            if self.infix() != operator:
                break
            self.advance()
        made = Both if operator == "and" else Either
        flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, made) else (part,)))
        return self.made(made(flat, token.at))

    def comparison(self, left: Node, operator: str, token: Token) -> Node:
        negated = token.spelling == "not"
        if negated:
            token = self.advance()
        if isinstance(left, Comparison):
            raise self.complaint("比较不能连着写。", token, "请用 and 连接，例如 a > 1 and a < 5。")
        right = self.expression(COMPARE)
        if self.infix() in COMPARISONS:
            raise self.complaint("比较不能连着写。", self.token, "请用 and 连接，例如 a > 1 and a < 5。")
        self.check_sides(left, operator, right)
        node: Node = self.made(Comparison(operator, left, right, token.at))
        return self.made(Not(node, token.at)) if negated else node

    def check_sides(self, left: Node, operator: str, right: Node) -> None:
        if operator == "matches":
            if not (isinstance(right, Literal) and isinstance(right.value, str)):
                raise self.complaint('matches 右边要写明正则，例如 "^A"。', right)
            try:
                pattern_of(right.value)
            except Refused as error:
                raise self.complaint(str(error), right) from error
        for side in (left, right):
            if isinstance(side, Both | Either | Not | Comparison):
                raise self.complaint("判断不能再作比较。", side, "请用 and、or 连接。")
            if operator in {"<", "<=", ">", ">="} and _is_unordered(side):
                raise self.complaint("这个值不分大小。", side, f"请用 == 或 !=，不用 {operator}。")
        if operator in {"startswith", "endswith", "contains"} and isinstance(left, Quantity):
            raise self.complaint(f"{operator} 左边不能是数。", left)
        if operator == "in" and isinstance(right, Quantity):
            raise self.complaint("in 右边不能是数。", right, "请写列表，例如 status in [200, 204]。")
        if operator == "in" and isinstance(right, Literal) and not isinstance(right.value, str):
            raise self.complaint("in 右边不能是数。", right, "请写列表，例如 status in [200, 204]。")

    def prefix(self) -> Node:
        token = self.advance()
        if token.sort is Sort.NUMBER or token.sort is Sort.TEXT:
            return self.made(Literal(token.value, token.at))
        if token.sort is Sort.QUANTITY:
            assert isinstance(token.value, int | float)
            return self.made(Quantity(token.value, token.spelling, token.at))
        if token.sort is Sort.NAME:
            return self.name(token)
        if token.sort is Sort.WORD and token.spelling in _CONSTANTS:
            return self.made(Literal(_CONSTANTS[token.spelling], token.at))
        if token.sort is Sort.WORD and token.spelling == "not":
            operand = self.expression(NOT)
            self.need_judgement(operand, "not 右边")
            return self.made(Not(operand, token.at))
        if token.sort is Sort.WORD and token.spelling in _NEGATABLE:
            return self.name(token)  # where a value is expected, `matches` is a fact: `matches == 0`
        if token.sort is Sort.SIGN:
            return self.sign(token)
        return self.unexpected(token)

    def sign(self, token: Token) -> Node:
        if token.spelling == "(":
            inside = self.expression(0)
            self.expect(")", token, "括号")
            return inside
        if token.spelling == "[":
            return self.made(Listing(self.several("]", token, "方括号"), token.at))
        if token.spelling == "-":
            operand = self.expression(SIGN)
            self.need_number(operand)
            return self.made(Negative(operand, token.at))
        return self.unexpected(token)

    def name(self, token: Token) -> Node:
        if self.token.spelling == "(" and self.token.sort is Sort.SIGN:
            return self.call(token)
        keys: list[Key] = []
        while self.token.sort is Sort.SIGN and self.token.spelling in {".", "["}:
            opening = self.advance()
            keys.append(self.member(opening) if opening.spelling == "." else self.index(opening))
        return self.made(Path(self.text[token.at : token.end], tuple(keys), token.at))

    def member(self, dot: Token) -> str:
        token = self.advance()
        if token.sort not in {Sort.NAME, Sort.WORD}:
            raise self.complaint("点的后面应是名称。", token if token.sort is not Sort.END else dot)
        return self.text[token.at : token.end]

    def index(self, opening: Token) -> Key:
        token = self.advance()
        negative = token.sort is Sort.SIGN and token.spelling == "-"
        if negative:
            token = self.advance()
        if token.sort is Sort.NUMBER and isinstance(token.value, int):
            key: Key = -token.value if negative else token.value
        elif token.sort is Sort.TEXT and isinstance(token.value, str) and not negative:
            key = token.value
        else:
            raise self.complaint('方括号里应是序号或带引号的名称，例如 items[0]、header["server"]。', token)
        self.expect("]", opening, "方括号")
        return key

    def call(self, token: Token) -> Node:
        opening = self.advance()
        function = FUNCTIONS.get(token.spelling)
        if function is None:
            known = "、".join(FUNCTIONS)
            raise self.complaint(f"没有函数 {token.spelling}。", token, f"可用的函数有：{known}。")
        arguments = self.several(")", opening, "括号")
        if not function.least <= len(arguments) <= function.most:
            raise self.complaint(f"{token.spelling} 的用法是 {function.usage}。", token)
        if token.spelling == "exists" and not isinstance(arguments[0], Path):
            raise self.complaint("exists 的括号里应是一个值的名称。", arguments[0])
        for argument in arguments:
            if not isinstance(argument, Path) and judges(argument):
                raise self.complaint("函数的括号里不能是判断。", argument)
        return self.made(Call(token.spelling, arguments, token.at))

    def several(self, closing: str, opening: Token, what: str) -> tuple[Node, ...]:
        items: list[Node] = []
        if self.token.sort is Sort.SIGN and self.token.spelling == closing:
            self.advance()
            return ()
        while True:
            item = self.expression(0)
            if isinstance(item, Both | Either | Not | Comparison):
                raise self.complaint("这里应是值，不能是判断。", item)
            items.append(item)
            if self.token.sort is Sort.SIGN and self.token.spelling == ",":
                self.advance()
                continue
            self.expect(closing, opening, what)
            return tuple(items)

    # ---- small things

    def advance(self) -> Token:
        token = self.token
        if token.sort is not Sort.END:
            self.position += 1
        return token

    def expect(self, closing: str, opening: Token, what: str) -> None:
        token = self.token
        if token.sort is Sort.SIGN and token.spelling == closing:
            self.advance()
            return
        if token.sort is Sort.END:
            raise self.complaint(f"{what}没有结束。", opening, f"请在后面补上 {closing}。")
        raise self.complaint(f"这里应是 {closing}。", token)

    def made(self, node: Node) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.complaint(f"条件的值和运算超过 {MAX_NODES} 个。", node, "请拆成几条条件。")
        return node

    def need_number(self, node: Node) -> None:
        is_value = isinstance(node, Path | Quantity | Negative | Arithmetic | Call)
        is_number = isinstance(node, Literal) and type(node.value) in (int, float)
        if not (is_value or is_number) or (isinstance(node, Call) and judges(node)):
            raise self.complaint("加减乘除的两边应是数。", node)

    def need_judgement(self, node: Node, place: str, *, after: Node | None = None) -> None:
        if judges(node):
            return
        todo = "例如 status == 200。"
        if isinstance(after, Comparison) and after.operator == "==":
            todo = "每个判断都要写全，例如 status == 200 or status == 301，或 status in [200, 301]。"
        raise self.complaint(f"{place}不是判断。", node, todo)

    def complaint(self, reason: str, where: Token | Node, todo: str = "") -> BadCondition:
        return BadCondition(reason, text=self.text, at=min(where.at, len(self.text)), todo=todo)

    def unexpected(self, token: Token) -> Node:
        """Complain about a token where a value should begin."""
        if token.sort is Sort.END:
            raise self.complaint("条件到这里没有写完。", token, "请补上后面的值。")
        raise self.complaint(f"这里不应是「{self.text[token.at : token.end]}」。", token, "这里应是一个值。")

    def leftover(self) -> None:
        """Complain about what stands after a finished condition."""
        token = self.token
        if token.sort is not Sort.END:
            shown = self.text[token.at : token.end]
            todo = "两个判断之间要写 and 或 or。"
            if shown[0] in "且或非":
                todo = f"「{shown[0]}」的前后要留空格。"
            raise self.complaint(f"这里不应是「{shown}」。", token, todo)


def _is_unordered(node: Node) -> bool:
    is_constant = isinstance(node, Literal) and (node.value is None or isinstance(node.value, bool))
    return is_constant or isinstance(node, Listing)
