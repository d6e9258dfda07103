"""Mapping: the first rule that holds; without one, the other side's own words."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.systems.operations.intake.rules import map_labels, parse_mapping

pytestmark = pytest.mark.same_everywhere
KNOWN = ["fpcy", "dzdz"]
LINES = ["# 注释", "", "job=einv, env=prod => fpcy critical", "job=einv => fpcy", "host=~db-.* => dzdz 重要"]


@pytest.mark.parametrize(
    ("labels", "severity", "system", "found"),
    [
        ({"job": "einv", "env": "prod"}, "info", "fpcy", "critical"),
        ({"job": "einv", "env": "test"}, "info", "fpcy", "minor"),
        ({"host": "db-01"}, "disaster", "dzdz", "major"),
        ({"system": "dzdz"}, "HIGH", "dzdz", "major"),
        ({"system": "nobody"}, "", "", "minor"),
        ({"job": "other"}, "unheard", "", "minor"),
    ],
)
def test_mapping(labels: dict[str, str], severity: str, system: str, found: str) -> None:
    mapped = map_labels(parse_mapping(LINES, KNOWN), labels, severity, "minor", KNOWN)
    assert (mapped.system, mapped.severity) == (system, found)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("job=einv", "第 1 行无法识别"),
        ("=> fpcy", "第 1 行无法识别"),
        ("job=einv =>", "第 1 行无法识别"),
        ("job=einv => nobody", "既不是系统代码"),
        ("job=einv => fpcy dzdz", "既不是系统代码"),
        ("job~einv => fpcy", "映射规则第 1 行：匹配条件"),
        ("job=~((a+)+ => fpcy", "映射规则第 1 行"),
    ],
)
def test_a_rule_that_cannot_be_is_told_where(line: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_mapping([line], KNOWN)
