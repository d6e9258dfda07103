"""`taxops evaluate`: scores of a template, and every wrong question answered in Chinese with nothing stored."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from taxops.cli import main
from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.evaluation import services
from taxops.systems.quality5c.evaluation.models import Scheme, Score, Trial
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from tests.systems.quality5c.conftest import (
    MakeScheme,
    author,
    counties,
    filled,
    make_scheme,
    reviewer,
    shipped,
    top,
)

__all__ = ["author", "counties", "filled", "make_scheme", "reviewer", "shipped", "top"]
pytestmark = pytest.mark.django_db


def _kept() -> list[object]:
    return [list(m.objects.order_by("pk").values()) for m in (Scheme, Score, Trial)]


def test_a_trial_writes_nothing_and_an_evaluation_says_the_same(
    filled: None, counties: list[OrgUnit], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "county-month", "--period", "2025-06", "--trial", "--json"]) == 0
    tried = json.loads(capsys.readouterr().out)
    assert not Scheme.objects.exists()
    assert main(["evaluate", "county-month", "--period", "2025-06", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["units"], done["hash"]) == (tried["units"], tried["hash"])
    assert Scheme.objects.get().result_hash == done["hash"]
    assert len(done["units"]) == len(counties)


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (["nothing", "--period", "2025-06"], "not_found", ["没有方案模板「nothing」", "county-month"]),
        (["county-month", "--period", "六月"], "bad_input", ["「六月」不是统计期", "2025Q2"]),
        (["county-month", "--period", "2025-13"], "bad_input", ["不是统计期"]),
        (["county-month", "--period", "²025-06"], "bad_input", ["不是统计期"]),
        (["county-month", "--period", "2199-01"], "bad_input", ["还没有结束", "2199-01-31"]),
        (["county-month", "--period", "2024-02"], "not_found", ["2024-02 还没有指标结果"]),
        (["county-month", "--period", "2025-06", "--trial", "--compute"], "bad_input", ["--trial"]),
    ],
)
@pytest.mark.parametrize("trial", [[], ["--trial"]], ids=["evaluate", "trial"])
def test_a_wrong_question_is_said_so_and_stores_nothing(
    filled: None,
    capsys: pytest.CaptureFixture[str],
    asked: list[str],
    code: str,
    words: list[str],
    trial: list[str],
) -> None:
    assert main(["evaluate", *asked, *trial]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("错误：")
    assert all(word in told.err for word in words), told.err
    assert main(["evaluate", *asked, *trial, "--json"]) == 2
    found = json.loads(capsys.readouterr().err)
    assert set(found) >= {"code", "what", "todo"}
    assert found["code"] == code
    assert _kept() == [[], [], []]


def test_a_period_of_another_length_is_refused(filled: None, capsys: pytest.CaptureFixture[str]) -> None:
    SchemeTemplate.objects.update(grain="quarter")
    assert main(["evaluate", "county-month", "--period", "2025-06", "--json"]) == 2
    assert "按季评价" in json.loads(capsys.readouterr().err)["what"]
    assert _kept() == [[], [], []]


def test_a_published_scheme_is_not_computed_again_but_may_be_tried(
    make_scheme: MakeScheme, reviewer: Scope, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    services.publish_scheme(reviewer, make_scheme().pk, now=now)
    before = _kept()
    assert main(["evaluate", "county-month", "--period", "2025-06", "--json"]) == 2
    found = json.loads(capsys.readouterr().err)
    assert (found["code"], "已发布" in found["what"]) == ("conflict", True)
    assert main(["evaluate", "county-month", "--period", "2025-06", "--trial", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hash"] == Scheme.objects.get().result_hash
    assert _kept() == before


def test_without_a_warehouse_nothing_is_computed(
    filled: None, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taxops.systems.quality5c.definitions.computing.folder", lambda: tmp_path / "none")
    assert main(["evaluate", "county-month", "--period", "2025-06", "--compute", "--json"]) == 2
    found = json.loads(capsys.readouterr().err)
    assert (found["code"], "数据仓库里还没有数据" in found["what"]) == ("unavailable", True)
    assert _kept() == [[], [], []]
