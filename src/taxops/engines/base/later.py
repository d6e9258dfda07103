"""Modules loaded when first used (用时再载入): large libraries cost nothing to the processes that never call them.

Starting the web, a worker or a prober imports every system; ibis, DuckDB, Arrow, numpy and the jieba words take
seconds and some hundred megabytes together, and most processes never touch them.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith(
            "__"
        ):  # the import system and inspection look for these: they are no use of the library
            raise AttributeError(name)
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)  # the second time is a plain attribute
        return found


def later(name: str) -> Any:
    """Return a module that is imported when an attribute of it is first asked for.

    The names that type checkers see are imported beside it under `TYPE_CHECKING`; the walls count that import.

    Args:
        name: the full dotted name, for example `pyarrow.parquet`.

    Raises:
        ImportError: on first use, when it is not installed.
    """
    return _Later(name)
