"""Regular expressions within limits."""

from __future__ import annotations

import pytest

from taxops.engines.checks.conditions.patterns import Pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^A", "Alpha", True),
        ("^A", "bA", False),
        (r"\d+ms", "took 12ms", True),
        ("ok|成功", "办理成功", True),
        (r"^(?:[a-z]+-)?web", "prod-web", True),
        (r"(?i)error", "ERROR", True),
        (r"\bOK\b", "is OK.", True),
        ("", "", True),
    ],
)
def test_patterns_search_anywhere(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).search(text) is found
