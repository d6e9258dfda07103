"""A module of `later` is imported by its first use, not before, and then behaves as itself."""

from __future__ import annotations

import sys

import pytest

from taxops.engines.base import later

UNUSED = "xmlrpc.client"
"""A module of the standard library that nothing here imports."""


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, UNUSED, raising=False)


@pytest.mark.usefixtures("absent")
def test_it_is_imported_by_its_first_use() -> None:
    module = later(UNUSED)
    assert UNUSED not in sys.modules
    assert module.MAXINT == 2**31 - 1
    assert module.Fault is sys.modules[UNUSED].Fault


@pytest.mark.usefixtures("absent")
def test_inspection_does_not_import_it() -> None:
    module = later(UNUSED)
    assert not hasattr(module, "__wrapped__")
    assert UNUSED in repr(module)
    assert UNUSED not in sys.modules


def test_what_is_missing_says_so_on_first_use() -> None:
    module = later("no_such_library")
    with pytest.raises(ImportError, match="no_such_library"):
        module.anything  # noqa: B018
    with pytest.raises(AttributeError, match="no_such_function"):
        later("json").no_such_function  # noqa: B018
