"""Money (金额): integer 分 in storage and arithmetic, 元 with two decimals at the edges."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .errors import BadInput


def yuan_to_fen(text: str | Decimal | int) -> int:
    """Return 分 for an amount of 元; thousands separators are accepted, half a 分 rounds up.

    >>> yuan_to_fen("2,490,000.00"), yuan_to_fen("0.005")
    (249000000, 1)

    Raises:
        BadInput: the text is not an amount.
    """
    try:
        amount = Decimal(str(text).replace(",", "").strip())
        return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (InvalidOperation, ValueError) as error:
        raise BadInput(f"「{text}」不是金额。", "请填写以元为单位的数字，例如 1,234.50。") from error


def fen_to_yuan(fen: int) -> str:
    """Return 元 with thousands separators and two decimals.

    >>> fen_to_yuan(-12345678)
    '-123,456.78'
    """
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
