"""Keeping assets, their types and relations (资产的业务操作)."""

from .importing import import_assets, preview_import
from .keeping import create, edit
from .kinds import ensure_types, save_type
from .relations import relate, unrelate

__all__ = [
    "create",
    "edit",
    "ensure_types",
    "import_assets",
    "preview_import",
    "relate",
    "save_type",
    "unrelate",
]
