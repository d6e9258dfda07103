"""`taxops availability explain` prints the arithmetic, and its exit code is the verdict."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from taxops import cli
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests.systems.operations.availability.conftest import down, province, root, system, top

__all__ = ["province", "root", "system", "top"]
pytestmark = pytest.mark.django_db


def test_it_explains_and_judges(system: MonitoredSystem, capsys: pytest.CaptureFixture[str]) -> None:
    year = datetime.now(UTC).year - 1  # the command reads the clock; a year that is over does not change
    MonitoredSystem.objects.filter(pk=system.pk).update(created_at=datetime(year - 1, 1, 1, tzinfo=UTC))
    asked = ["availability", "explain", system.code, "--year", str(year)]
    assert cli.main(asked) == 0
    assert system.name in capsys.readouterr().out
    down(system, datetime(year, 3, 2, tzinfo=UTC), timedelta(hours=3))
    assert cli.main([*asked, "--json"]) == 1, "three hours at once is more than the contract allows"
    found = json.loads(capsys.readouterr().out)
    assert any("3 小时" in line for line in found["explanation"])


def test_an_unknown_system_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["availability", "explain", "nowhere"]) not in {0, 1}
    assert "没有" in capsys.readouterr().err
