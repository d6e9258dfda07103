"""A province to work on (生成省): believable, planted with truths, deterministic; numpy and Parquet, no Django.

Its parts compute with numpy from their first line, so they are loaded when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .generating import Generated, generate
    from .model import Plan, Size, Unit

__all__ = ["Generated", "Plan", "Size", "Unit", "generate"]

_HOMES = {
    "Generated": "generating",
    "generate": "generating",
    "Plan": "model",
    "Size": "model",
    "Unit": "model",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
