"""Anything is found by any word."""

from __future__ import annotations

import json

import pytest

from taxops.cli import main
from taxops.project import atlas


def test_a_chinese_term_brings_room_and_clauses() -> None:
    answer = atlas.find("排队叫号")
    assert "src/taxops/systems/halls" in dict(answer.rooms)
    assert any(r.clauses for r in answer.requirements)


def test_an_english_term_finds_the_same_requirements_as_its_chinese_one() -> None:
    assert {r.id for r in atlas.find("queue calling").requirements} <= {
        r.id for r in atlas.find("排队叫号").requirements
    }


@pytest.mark.parametrize("word", ["M13", "m13", "KAFKA"])
def test_a_requirement_is_found_by_id_and_by_word(word: str) -> None:
    assert "M13" in {r.id for r in atlas.find(word).requirements}


def test_a_clause_finds_its_requirements() -> None:
    assert [r.id for r in atlas.find("GX:411").requirements] == ["L01"]


def test_an_unknown_word_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "没有这个词吧"]) == 1
    assert "没有找到" in capsys.readouterr().out


def test_json_is_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "审计", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["word"] == "审计"
