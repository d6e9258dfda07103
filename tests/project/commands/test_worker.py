"""`taxops worker --once` does what is due and says how much; impossible numbers are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from taxops import cli
from taxops.engines.base import Scope
from taxops.platform.jobs.models import JobRun
from taxops.platform.jobs.services import enqueue

pytestmark = pytest.mark.django_db


def test_once_does_what_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    enqueue("jobs.clean", scope=Scope.system("测试"), now=datetime.now(UTC))
    assert cli.main(["worker", "--once", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"done": 1}
    assert JobRun.objects.get().state == "done"


@pytest.mark.parametrize("words", [["--threads", "0"], ["--threads", "999"], ["--grace", "-1"]])
def test_impossible_numbers_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["worker", *words]) == 2
    assert "之间" in capsys.readouterr().err
