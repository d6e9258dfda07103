"""From generated records to published scores, and the command that does it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from taxops.cli import main
from taxops.engines.base import Scope, Unavailable
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c import sampling
from taxops.systems.quality5c.definitions import computing, drilling
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.evaluation.models import Scheme, Score
from taxops.systems.quality5c.linkage.queries import compared

pytestmark = pytest.mark.django_db


def test_the_sample_province_is_computed_and_evaluated(
    shipped: None, counties: list[OrgUnit], now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    root = tmp_path / "warehouse"
    with pytest.raises(Unavailable):
        computing.compute(root, "2025-06")
    monkeypatch.setattr(sampling, "MONTHS", 1)
    monkeypatch.setattr(sampling, "START", "2025-06")
    monkeypatch.setattr(sampling, "PERIODS", ("2025-06",))
    monkeypatch.setattr(sampling, "TAXPAYERS", 700)
    system = Scope.system("演示")
    told: list[str] = []
    assert sampling.fill(system, root, clock=lambda: now, tell=told.append) == 2
    assert sampling.fill(system, root, clock=lambda: now, tell=told.append) == 0, "repeating changes nothing"
    top = IndicatorResult.objects.get(org__code="100000", code="C201", period="2025-06")
    parts = IndicatorResult.objects.filter(org__level="county", code="C201")
    assert (sum(p.num or 0 for p in parts), sum(p.den or 0 for p in parts)) == (top.num, top.den)
    assert top.fingerprint
    assert Scheme.objects.filter(evaluated_at__isnull=False).count() == 2
    assert Score.objects.filter(scheme__template__code="county-month").count() == 10

    sent = {c.indicator.code: c for c in compared("2025-06")}
    assert {"优势", "劣势"} <= {c.gap.verdict for c in sent.values()}, "总局's figures came too"
    assert (sent["C101"].target, sent["C101"].average) == (0.99, 0.98)

    found = drilling.drilled(top, root, limit=3)
    assert (found.total, len(found.rows)) == (top.num, 3)
    columns = [c.name for c in found.columns]
    assert all("*" in str(row[columns.index("tp.uscc")]) for row in found.rows), "masked"
    below = drilling.below(system, top)
    assert (below["num"], below["den"]) == (top.num, top.den)

    before = list(Score.objects.order_by("pk").values())
    assert main(["evaluate", "county-month", "--period", "2025-06", "--trial", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    stored = Scheme.objects.get(template__code="county-month")
    assert (answer["hash"], len(answer["units"])) == (stored.result_hash, 10)
    assert list(Score.objects.order_by("pk").values()) == before
    assert main(["evaluate", "nothing", "--period", "2025-06"]) == 2
    assert "county-month" in capsys.readouterr().err
    assert main(["evaluate", "county-month", "--period", "2025-06", "--trial", "--compute"]) == 2
