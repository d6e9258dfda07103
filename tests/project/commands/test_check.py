"""`taxops check`: one check now, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taxops.cli import main
from tests.engines.checks.rude import answering, page, serving


def test_a_good_check_answers_zero_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(answering(page(b'{"code": "0"}'))) as server:
        code = main(
            ["check", "run", "http", server.url, "-c", 'body.code == "0"', "-p", "follow=0", "--json"]
        )
    answer = json.loads(capsys.readouterr().out)
    assert code == 0
    assert answer["verdict"] == "ok"
    assert {"verdict", "message", "metrics", "phases", "duration_ms", "evidence"} <= set(answer)
    assert answer["phases"]["connect"] >= 0


def test_warning_critical_and_unknown_have_their_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(answering(page())) as server:
        assert main(["check", "run", "http", server.url, "-c", "status == 200", "-w", "size > 100"]) == 1
        assert main(["check", "run", "http", server.url, "-c", "status == 404"]) == 2
    assert main(["check", "run", "nope", "x", "--json"]) == 3
    assert main(["check", "run", "http", "ftp://x"]) == 3
    assert main(["check", "run", "http", "http://x/", "-p", "novalue"]) == 3
    assert main(["check", "run", "http", "http://x/", "-c", "status = 1"]) == 3
    printed = capsys.readouterr()
    assert "! 警告" in printed.out
    assert "✗ 异常" in printed.out
    assert '"verdict": "unknown"' in printed.out
    assert "条件第 8 列" in printed.err


def test_a_parameter_may_come_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = tmp_path / "steps.json"
    steps.write_text('[{"url": "/"}]')
    with serving(answering(page())) as server:
        assert main(["check", "run", "flow", server.url, "-p", f"steps=@{steps}", "--trace"]) == 0
    assert "第 1 步" in capsys.readouterr().out
    assert main(["check", "run", "flow", "http://x/", "-p", f"steps=@{tmp_path}/none"]) == 3


def test_kinds_are_listed_for_people_and_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "kinds"]) == 0
    assert "消费积压" in capsys.readouterr().out
    assert main(["check", "kinds", "tls"]) == 0
    assert "cert_days" in capsys.readouterr().out
    assert main(["check", "kinds", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) >= 12
    assert main(["check", "kinds", "nope"]) == 2
