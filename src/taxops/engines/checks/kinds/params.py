"""What a parameter of a kind is (参数): its type, label, default and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taxops.engines.base import Choices


class ParamType(Choices):
    """What a parameter takes (参数类型)."""

    TEXT = "text", "文字"
    LINES = "lines", "多行文字"
    INTEGER = "integer", "整数"
    NUMBER = "number", "数"
    BOOLEAN = "boolean", "是否"
    CHOICE = "choice", "单选"
    MAP = "map", "名称与值"
    LIST = "list", "列表"
    JSON = "json", "JSON"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a kind (参数).

    Args:
        name: as stored and as given on the command line.
        label: Chinese word beside the field.
        type: what it takes.
        default: used when it is not given.
        required: whether it must be given.
        secret: whether it is kept encrypted and never shown.
        help: one Chinese sentence.
        choices: code and Chinese label of each permitted value.
        least: smallest number, or fewest characters.
        most: largest number, or most characters.
    """

    name: str
    label: str
    type: ParamType = ParamType.TEXT
    default: Any = None
    required: bool = False
    secret: bool = False
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    least: float | None = None
    most: float | None = None
