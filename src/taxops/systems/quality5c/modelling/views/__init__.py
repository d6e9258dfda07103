"""Pages of models and scheme templates (模型配置、方案模板配置)."""

from collections.abc import Sequence
from typing import Any

from . import editing, models, templates

PAGES: Sequence[type[Any]] = [*models.PAGES, *editing.PAGES, *templates.PAGES]

__all__ = ["PAGES"]
