"""`taxops audit` names the first broken row, and carries the trail away."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from taxops import cli
from taxops.engines.base import Scope
from taxops.platform.audit import services
from tests.platform.audit.test_services import unguarded

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], now: datetime, settings: Any, tmp_path: Path) -> Run:
    settings.CONFIG = SimpleNamespace(data=tmp_path)
    for number in range(3):
        services.record(Scope(7, "王芳"), now=now, action="a.b", kind="k", object_id=number)

    def call(*words: str) -> tuple[int, str, str]:
        code = cli.main(["audit", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_a_whole_trail_is_said_to_be_whole(run: Run) -> None:
    code, out, _ = run("verify")
    assert (code, "完整" in out, "3" in out) == (0, True, True)
    code, out, _ = run("verify", "--json")
    assert (code, json.loads(out)["ok"], json.loads(out)["entries"]) == (0, True, 3)


def test_the_first_broken_row_is_named_in_chinese_and_for_machines(run: Run) -> None:
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_auditentry SET label = '改' WHERE seq = 2")
    code, out, _ = run("verify")
    assert code == 1
    assert "首个断链行是第 2 条（内容被改动）" in out
    code, out, _ = run("verify", "--json")
    answer = json.loads(out)
    assert (code, answer["ok"], answer["row"], answer["reason"]) == (1, False, 2, "altered")


def test_a_seal_noted_elsewhere_is_compared(run: Run) -> None:
    code, out, _ = run("seal", "--json")
    sealed = json.loads(out)
    assert (code, sealed["seq"], sealed["sealed"]) == (0, 3, True)
    assert run("verify", "--anchor", f"3:{sealed['hash']}", "--key", sealed["public_key"])[0] == 0
    assert run("verify", "--anchor", f"3:{'f' * 64}")[0] == 1
    assert "此前已封签" in run("seal")[1]


@pytest.mark.parametrize("words", [("--anchor", "3"), ("--anchor", "x:y"), ("--key", "zz"), ("--key", "ab")])
def test_what_cannot_be_read_is_told_in_chinese(run: Run, words: tuple[str, str]) -> None:
    code, _, err = run("verify", *words)
    assert code == 2
    assert "无法识别" in err


def test_the_trail_is_carried_away(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "trail.jsonl"
    code, _, err = run("export", "--out", str(target))
    assert (code, len(target.read_text().splitlines())) == (0, 3)
    assert "已导出 3 条" in err
    assert services.head().seq == 4, "that it was taken is in the trail"
    assert run("export", "--out", "/nowhere/at/all")[0] == 2
    assert run("export", "--since", "昨天")[0] == 2
