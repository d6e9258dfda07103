"""A province to work on (生成省): believable, planted with truths, deterministic; numpy and Parquet, no Django."""

from .generating import Generated, generate
from .model import Plan, Size, Unit

__all__ = ["Generated", "Plan", "Size", "Unit", "generate"]
