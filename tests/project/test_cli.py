"""The programme lists its commands, and tells errors in Chinese."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from taxops import cli


def test_help_lists_every_command_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in cli.names())
    assert {"serve", "worker", "prober", "demo", "lab", "doctor", "where", "check", "audit", "token"} <= set(
        cli.names()
    )


def test_an_unknown_command_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["prove"]) == 2
    assert "prober" in capsys.readouterr().err


def test_errors_for_machines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["worktime", "add", "nowhere", "2026-06-01", "1", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "not_found"


def test_the_programme_starts_without_django() -> None:
    """A command that needs no database must not pay for one."""
    probe = "import sys, taxops.cli as c; c.main(['worktime', 'list']); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
