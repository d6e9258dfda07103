"""Units (单位): what `500ms`, `30d` and `10GB` are worth, and in which unit a fact is measured."""

from __future__ import annotations

from .nodes import Arithmetic, Call, Negative, Node, Path, Quantity

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
"""Seconds in each unit of duration (时长)."""

BYTES = {"KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
"""Bytes in each unit of size (容量)."""

UNITS = {unit: unit for unit in (*SECONDS, *BYTES)} | {
    "kb": "KB", "mb": "MB", "gb": "GB", "tb": "TB",
    "min": "m", "毫秒": "ms", "秒": "s", "分": "m", "分钟": "m", "小时": "h", "天": "d", "日": "d",
}  # fmt: skip
"""Every accepted spelling of a unit and the one it stands for."""

_SUFFIXES = {
    "_ms": "ms", "_s": "s", "_seconds": "s", "_minutes": "m", "_hours": "h", "_days": "d",
}  # fmt: skip


def unit_of(node: Node) -> str | None:
    """Return the unit of duration in which a value is measured, as its name says, or None.

    `duration_ms` is in milliseconds, `cert_days` in days; sums, differences and multiples keep the unit.
    """
    match node:
        case Path(root=root, keys=keys):
            last = next((key for key in reversed(keys) if isinstance(key, str)), root)
            return next((unit for suffix, unit in _SUFFIXES.items() if last.endswith(suffix)), None)
        case Call(name="age"):
            return "s"
        case Call(name="abs" | "min" | "max" | "round", arguments=inside):
            return next((unit for unit in map(unit_of, inside) if unit), None)
        case Negative(operand=operand):
            return unit_of(operand)
        case Arithmetic(operator="+" | "-" | "*", left=left, right=right):
            return unit_of(left) or unit_of(right)
        case Arithmetic(operator="/", left=left, right=right):
            return None if unit_of(right) else unit_of(left)  # a ratio has no unit
        case _:
            return None


def worth(quantity: Quantity, unit: str | None) -> int | float:
    """Return a quantity as a plain number: bytes for a size, else in `unit` (seconds when None).

    >>> worth(Quantity(2, "h"), None), worth(Quantity(2, "s"), "ms"), worth(Quantity(48, "h"), "d")
    (7200, 2000, 2)
    """
    if quantity.unit in BYTES:
        value: int | float = quantity.amount * BYTES[quantity.unit]
    else:
        thousandths = 1 if quantity.unit == "ms" else int(SECONDS[quantity.unit]) * 1000
        base = 1 if unit == "ms" else int(SECONDS[unit or "s"]) * 1000
        value = quantity.amount * thousandths / base
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
