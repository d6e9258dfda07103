"""The page beside the check editor says nothing that the language does not do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taxops.engines.checks import BadCondition, compile_condition
from taxops.engines.checks.conditions import FUNCTIONS
from taxops.engines.checks.conditions.limits import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NODES,
    MAX_PATTERN,
    SEARCHED,
)

PAGE = (Path(__file__).parents[4] / "docs" / "conditions.zh-CN.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| [^|]+ \| `(.+)` \|$", PAGE, flags=re.MULTILINE)


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) > 10


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_condition(text: str) -> None:
    condition = compile_condition(text)
    assert condition.explain({})
    assert condition.render() == text or "not contains" in text


def test_the_shown_complaint_is_the_real_one() -> None:
    shown = re.search(r"```\n(.+?)\n```", PAGE, flags=re.DOTALL)
    assert shown is not None
    with pytest.raises(BadCondition) as caught:
        compile_condition("status = 200")
    assert str(caught.value) == shown.group(1)


def test_the_limits_and_functions_are_the_real_ones() -> None:
    limits = f"一条最多 {MAX_LENGTH} 个字符、{MAX_NODES} 个值和运算、{MAX_DEPTH} 层括号；正则最多 {MAX_PATTERN} 个字符"
    assert limits in PAGE
    assert f"前 {SEARCHED:,} 个字符" in PAGE
    for name in FUNCTIONS:
        assert f"`{name}`" in PAGE
