"""Keeping templates and applying them (监控模板业务操作): one transaction each."""

from .applying import apply, undo, update
from .keeping import create_blueprint, ensure_blueprints, publish, save_ask, save_entry

__all__ = [
    "apply",
    "create_blueprint",
    "ensure_blueprints",
    "publish",
    "save_ask",
    "save_entry",
    "undo",
    "update",
]
