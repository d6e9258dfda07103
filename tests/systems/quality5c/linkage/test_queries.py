"""The comparison with 总局, and the what-if that equals a trial."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.evaluation import trying
from taxops.systems.quality5c.evaluation.models import Score
from taxops.systems.quality5c.external import services as external
from taxops.systems.quality5c.linkage import queries
from tests.systems.quality5c.conftest import PERIOD, MakeScheme, scope_at, store

pytestmark = pytest.mark.django_db


def test_what_if_equals_a_trial_run_with_the_changed_value(
    make_scheme: MakeScheme, author: Scope, counties: list[OrgUnit], top: OrgUnit, now: datetime
) -> None:
    store([top])
    scheme = make_scheme()
    before = list(Score.objects.order_by("pk").values())
    asked = queries.what_if(scheme, counties[4], "C101", 0.999)
    trial = trying.try_scheme(
        author, now=now, scheme_id=scheme.pk, title="同一假设", values={(counties[4].code, "C101"): 0.999}
    )
    assert asked["rows"] == trial.result["rows"]
    assert asked["summary"] == trial.result["summary"]
    assert list(Score.objects.order_by("pk").values()) == before
    assert asked["province_after"] != asked["province_before"]


def test_the_province_stands_beside_headquarters(
    make_scheme: MakeScheme, author: Scope, top: OrgUnit, now: datetime
) -> None:
    store([top])
    make_scheme()
    row = {"单位代码": top.code, "统计期": PERIOD, "指标代码": "C101", "全国平均": "10%", "总局目标": "99%"}
    external.apply_rows(author, now=now, code="sat", rows=[(2, row)])
    found = {c.indicator.code: c for c in queries.compared(PERIOD)}
    assert found["C101"].gap.verdict == "优势"
    assert found["C101"].target == 0.99
    assert found["C105"].gap.verdict == "无对照"
    assert not any(code.startswith("X") for code in found)
    assert queries.top_unit() == top


def test_a_county_stands_beside_headquarters_with_its_own_figures_only(
    make_scheme: MakeScheme, author: Scope, counties: list[OrgUnit], top: OrgUnit
) -> None:
    store([top], shift=5)
    make_scheme()
    assert queries.own_unit(author, "quality5c.edit") == top
    assert queries.own_unit(scope_at(counties[3]), "quality5c.edit") == counties[3]
    assert queries.own_unit(scope_at(counties[3], "quality5c.view"), "quality5c.edit") is None
    own = {c.indicator.code: c.figure for c in queries.compared(PERIOD, counties[3])}
    stored = indicators.figures(PERIOD, [counties[3].pk], {"C101": 1})
    assert own["C101"] == stored[counties[3].pk, "C101"]


def test_the_better_quarter_follows_the_direction(make_scheme: MakeScheme) -> None:
    scheme = make_scheme()
    values = sorted(v or 0 for v in scheme.details.filter(code="C107").values_list("value", flat=True))
    down = queries.p75(scheme, "C107")
    assert down is not None
    assert values[0] <= down <= values[len(values) // 2]
