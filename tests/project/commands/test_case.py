"""`taxops case`: types are checked, a case's clocks are explained by hand."""

from __future__ import annotations

import argparse
import json

import pytest

from taxops.engines.base import NotFound
from taxops.project.commands import case
from tests.platform.casework.conftest import Desk, desk

__all__ = ["desk"]


def ask(*words: str) -> int:
    parser = argparse.ArgumentParser()
    case.configure(parser)
    return case.run(parser.parse_args(words))


def test_types_are_listed_and_next_year_is_missed(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("types", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert {"request", "incident", "datafix"} <= {t["code"] for t in answer["types"]}
    code = ask("types", "--check")
    out = capsys.readouterr().out
    assert ("节假日表" in out) is (code == 1)


@pytest.mark.django_db
def test_a_number_is_explained(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    made = desk.take(desk.opened(), "accept")
    assert ask("explain", made.number, "--at", "2026-06-01 12:00") == 0
    out = capsys.readouterr().out
    assert "响应时限：不超过 10 分，日历 全天" in out
    assert "解决时限：小于 4 小时" in out
    with pytest.raises(NotFound):
        ask("explain", "QQ1")
