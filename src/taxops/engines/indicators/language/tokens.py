"""Text to tokens (词法): names, numbers, quoted text, parameters, signs; every token knows its offset."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .complaints import BadExpression

MAX_TEXT = 4000
"""Characters of one expression; longer ones belong in several indicators."""

_TOKEN = re.compile(
    r"""(?P<space>[\s]+|\#[^\n]*)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<param>\$[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>'[^'\n]*'|"[^"\n]*")
      | (?P<sign><=|>=|==|!=|<>|[-+*/%()\[\],.<>=])
    """,
    re.VERBOSE,
)
_FULL_WIDTH = dict(zip("（），。＜＞＝“”‘’；：！", "(),.<>=\"\"'';:!", strict=True))
WORDS = frozenset({"and", "or", "not", "in", "between", "is", "null", "true", "false", "where"})
"""Words that are part of the language and cannot be names."""


class Sort(Enum):
    """What a token is (词类)."""

    NUMBER = "number"
    NAME = "name"
    PARAM = "param"
    TEXT = "text"
    SIGN = "sign"
    WORD = "word"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `spelling` is lower-cased for words, without quotes for text, without `$` for parameters."""

    sort: Sort
    spelling: str
    at: int


def tokenize(text: str) -> list[Token]:
    """Return the tokens of an expression, closed by an END token.

    Raises:
        BadExpression: a character that no token starts with, or a text of unreasonable length.
    """
    if len(text) > MAX_TEXT:
        raise BadExpression(
            f"表达式超过 {MAX_TEXT} 个字符。", text=text, at=MAX_TEXT, todo="请拆成几个指标。"
        )
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _unreadable(text, at)
        sort, spelling = str(found.lastgroup), found[0]
        if sort == "text":
            tokens.append(Token(Sort.TEXT, spelling[1:-1], at))
        elif sort == "param":
            tokens.append(Token(Sort.PARAM, spelling[1:], at))
        elif sort == "name" and spelling.lower() in WORDS:
            tokens.append(Token(Sort.WORD, spelling.lower(), at))
        elif sort != "space":
            tokens.append(Token(Sort(sort), spelling, at))
        at = found.end()
    tokens.append(Token(Sort.END, "", len(text)))
    return tokens


def _unreadable(text: str, at: int) -> BadExpression:
    character = text[at]
    if character in _FULL_WIDTH:
        return BadExpression(
            f"「{character}」是全角符号。", text=text, at=at, todo=f"请改用半角 {_FULL_WIDTH[character]}。"
        )
    if character in "'\"":
        return BadExpression("引号没有配对。", text=text, at=at, todo="文字请写在一对引号里，例如 'hall'。")
    return BadExpression(f"看不懂「{character}」。", text=text, at=at, todo="请删去或改正这个字符。")
