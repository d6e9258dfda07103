"""`taxops storage` measures and forecasts."""

from __future__ import annotations

import json

import pytest

from taxops import cli


@pytest.mark.django_db
def test_it_prints_each_table_for_people_and_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["storage"]) == 0
    assert "原始结果" in capsys.readouterr().out
    assert cli.main(["storage", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"operations_rawresult", "operations_rollup5m"} <= {row["table"] for row in found["tables"]}
    assert found["bytes"] == sum(row["bytes"] for row in found["tables"])
