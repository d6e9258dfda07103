"""The table of acceptance (docs/systems/quality5c/acceptance.md) names tests that exist, for each of the screens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.same_everywhere
TESTS = Path(__file__).parents[2]
TABLE = TESTS.parent / "docs" / "systems" / "quality5c" / "acceptance.md"
_ROW = re.compile(r"\| (\d+) \S+ \| [^|]+ \| `([^`]+)::(test_\w+)` \|")


def test_every_screen_has_a_test_that_exists() -> None:
    rows = _ROW.findall(TABLE.read_text(encoding="utf-8"))
    assert {int(screen) for screen, _, _ in rows} == set(range(1, 12))
    for _, path, name in rows:
        assert f"def {name}(" in (TESTS / path).read_text(encoding="utf-8"), (path, name)
