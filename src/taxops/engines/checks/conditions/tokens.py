"""Text to tokens (词法): ASCII as documented, and what a Chinese keyboard types in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .complaints import BadCondition
from .limits import MAX_DECIMALS, MAX_DIGITS, MAX_LENGTH
from .units import UNITS


class Sort(Enum):
    """What a token is (词类)."""

    NUMBER = "number"
    QUANTITY = "quantity"
    TEXT = "text"
    NAME = "name"
    WORD = "word"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token (词): its sort, its canonical spelling, its value, and where it begins and ends."""

    sort: Sort
    spelling: str
    at: int
    end: int
    value: int | float | str | None = None


WORDS = {
    "and": "and",
    "or": "or",
    "not": "not",
    "in": "in",
    "contains": "contains",
    "matches": "matches",
    "startswith": "startswith",
    "endswith": "endswith",
    "true": "true",
    "false": "false",
    "null": "null",
    "且": "and",
    "或": "or",
    "非": "not",
    "包含": "contains",
    "匹配": "matches",
}
"""Words of the language, and the Chinese ones that mean the same."""

_SIGNS = {
    "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "，": ",", "、": ",",
    "＋": "+", "－": "-", "＊": "*", "×": "*", "／": "/", "÷": "/",
    "＞": ">", "＜": "<", "≥": ">=", "≤": "<=", "≠": "!=", "．": ".",
}  # fmt: skip
_WIDE_PAIRS = str.maketrans("＝＞＜！", "=><!")
_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "’": "’", "＂": "＂", "＇": "＇"}
_MISTAKES = {
    "=": ("单个等号不是比较。", "请写 ==。"),
    "===": ("没有 === 这个写法。", "请写 ==。"),
    "&&": ("没有 && 这个写法。", "请写 and。"),
    "||": ("没有 || 这个写法。", "请写 or。"),
    "&": ("没有 & 这个写法。", "请写 and。"),
    "|": ("没有 | 这个写法。", "请写 or。"),
    "!": ("没有 ! 这个写法。", "请写 not。"),
    "<>": ("没有 <> 这个写法。", "请写 !=。"),
    "=~": ("没有 =~ 这个写法。", "请写 matches。"),
    "%": ("没有 % 这个写法。", "百分数请直接写数，例如 95。"),
}
_LONG = re.compile(r"===|==|!=|<=|>=|<>|=~|&&|\|\||[=<>!&|]")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3}(?![0-9A-Za-z]))?")
_NAME = re.compile(r"[^\W\d]\w*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a condition, an END token last.

    Raises:
        BadCondition: a character, number or text that does not belong there.
    """
    if len(text) > MAX_LENGTH:
        raise BadCondition(
            f"条件有 {len(text)} 个字符，最多 {MAX_LENGTH} 个。",
            text=text,
            at=MAX_LENGTH,
            todo="请拆成几条条件，各条须同时成立。",
        )
    tokens: list[Token] = []
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            tokens.append(Token(Sort.END, "", at, at))
            return tokens
        token = _next(text, at)
        tokens.append(token)
        at = token.end


def _next(text: str, at: int) -> Token:
    char = text[at]
    if char in _QUOTES:
        return _quoted(text, at)
    if "0" <= char <= "9":
        return _number(text, at)
    if found := _NAME.match(text, at):
        name = found.group()
        if name in WORDS:
            return Token(Sort.WORD, WORDS[name], at, found.end())
        if name.lower() in WORDS and name.isupper():
            return Token(Sort.WORD, WORDS[name.lower()], at, found.end())
        return Token(Sort.NAME, name, at, found.end())
    return _sign(text, at)


def _sign(text: str, at: int) -> Token:
    char = text[at]
    if char in "()[],+-*/.":
        return Token(Sort.SIGN, char, at, at + 1)
    if char in _SIGNS:
        return Token(Sort.SIGN, _SIGNS[char], at, at + 1)
    if found := _LONG.match(text[at : at + 3].translate(_WIDE_PAIRS)):
        spelling = found.group()
        if spelling in _MISTAKES:
            reason, todo = _MISTAKES[spelling]
            raise BadCondition(reason, text=text, at=at, todo=todo)
        return Token(Sort.SIGN, spelling, at, at + len(spelling))
    if char in _MISTAKES:
        reason, todo = _MISTAKES[char]
        raise BadCondition(reason, text=text, at=at, todo=todo)
    shown = char if char.isprintable() else f"U+{ord(char):04X}"
    raise BadCondition(f"不认识的字符「{shown}」。", text=text, at=at, todo="文字要放在引号里。")


def _number(text: str, at: int) -> Token:
    found = _NUMBER.match(text, at)
    assert found is not None
    digits = found.group()
    limit = MAX_DIGITS if digits.isdigit() else MAX_DECIMALS
    if sum(char.isdigit() for char in digits) > limit:
        raise BadCondition(f"这个数超过 {limit} 位。", text=text, at=at, todo="请写短一些。")
    value: int | float = int(digits) if digits.isdigit() else float(digits)
    if value == float("inf"):
        raise BadCondition("这个数太大。", text=text, at=at)
    end = found.end()
    suffix = _NAME.match(text, end)
    if suffix is None:
        return Token(Sort.NUMBER, digits, at, end, value)
    unit = suffix.group()
    canonical = UNITS.get(unit) or UNITS.get(unit.lower())
    if canonical is None and unit[0] in "且或":
        raise BadCondition(f"「{unit[0]}」的前后要留空格。", text=text, at=end)
    if canonical is None:
        raise BadCondition(
            f"不认识的单位「{unit}」。",
            text=text,
            at=end,
            todo="时长单位有 ms、s、m、h、d（毫秒、秒、分、小时、天），容量单位有 KB、MB、GB、TB。",
        )
    return Token(Sort.QUANTITY, canonical, at, suffix.end(), value)


def _quoted(text: str, at: int) -> Token:
    closing = _QUOTES[text[at]]
    value: list[str] = []
    i = at + 1
    while i < len(text):
        char = text[i]
        if char == closing:
            return Token(Sort.TEXT, "text", at, i + 1, "".join(value))
        if char == "\\" and i + 1 < len(text):
            following = text[i + 1]
            if following == closing:
                value.append(following)
            else:  # an unknown escape keeps its backslash, so that "\d+" is the pattern \d+
                value.append(_ESCAPES.get(following, "\\" + following))
            i += 2
            continue
        value.append(char)
        i += 1
    raise BadCondition("引号没有结束。", text=text, at=at, todo=f"请在文字后面补上 {closing}。")
