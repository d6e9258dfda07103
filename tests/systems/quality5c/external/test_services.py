"""Imports: three bad rows store nothing; a roll-back restores scores byte for byte."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import headquarters
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.evaluation import services as evaluation
from taxops.systems.quality5c.evaluation.models import Detail, Score
from taxops.systems.quality5c.evaluation.views import units
from taxops.systems.quality5c.external import queries, services
from taxops.systems.quality5c.external.models import ExternalBatch, ExternalValue
from tests import factories
from tests.systems.quality5c.conftest import PERIOD, MakeScheme, scope_at

pytestmark = pytest.mark.django_db


def market(orgs: list[OrgUnit], missing: int, den: int = 100) -> list[tuple[int, dict[str, str]]]:
    """Return rows of the market template (feeds C312)."""
    return [
        (n, {"单位代码": o.code, "统计期": PERIOD, "未登记户数": str(missing), "市场主体户数": str(den)})
        for n, o in enumerate(orgs, start=2)
    ]


def _bytes() -> list[Any]:
    scores = list(
        Score.objects.order_by("org_id").values_list("org_id", "total", "grade", "rank", "tier", "aspects")
    )
    details = list(
        Detail.objects.order_by("org_id", "code").values_list("org_id", "code", "num", "den", "points")
    )
    figures = list(
        IndicatorResult.objects.order_by("code", "org_id", "source").values_list(
            "code", "org_id", "num", "den", "source"
        )
    )
    return [scores, details, figures]


def test_three_bad_rows_store_nothing_and_each_is_named(
    filled: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    rows = market(counties, 3)
    for place in (1, 4, 7):
        rows[place][1]["未登记户数"] = "abc"
    with pytest.raises(BadInput, match="3 行") as caught:
        services.apply_rows(author, now=now, code="market", rows=rows)
    assert [p.row for p in caught.value.problems] == [3, 6, 9]
    assert not ExternalBatch.objects.exists()
    assert not ExternalValue.objects.exists()


def test_a_roll_back_restores_scores_byte_for_byte(
    make_scheme: MakeScheme, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    before, hashed = _bytes(), scheme.result_hash
    first = services.apply_rows(author, now=now, code="market", rows=market(counties, 40))
    assert first.effect["indicators"] == ["C312"]
    assert first.effect["schemes"] == [scheme.name]
    scheme.refresh_from_db()
    assert scheme.result_hash != hashed
    middle = _bytes()
    second = services.apply_rows(
        author, now=now + timedelta(hours=1), code="market", rows=market(counties[:3], 1)
    )
    assert second.number == 2
    services.roll_back(author, second.pk, now=now + timedelta(hours=2))
    assert _bytes() == middle
    services.roll_back(author, first.pk, now=now + timedelta(hours=3))
    assert _bytes() == before
    scheme.refresh_from_db()
    assert scheme.result_hash == hashed
    with pytest.raises(Conflict):
        services.roll_back(author, first.pk, now=now)


def test_a_published_scheme_stays_as_it_is(
    make_scheme: MakeScheme, author: Scope, reviewer: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    evaluation.publish_scheme(reviewer, scheme.pk, now=now)
    batch = services.apply_rows(author, now=now, code="market", rows=market(counties, 40))
    assert batch.effect["schemes"] == []
    hashed = scheme.result_hash
    scheme.refresh_from_db()
    assert scheme.result_hash == hashed


def test_figures_of_units_above_are_sums(
    filled: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    services.apply_rows(author, now=now, code="market", rows=market(counties, 2))
    top = IndicatorResult.objects.get(code="C312", org__code="100000", source="external")
    assert (top.num, top.den, top.value) == (20, 1000, 0.02)


def test_rows_outside_the_actor_s_range_are_refused(
    filled: None, counties: list[OrgUnit], now: datetime
) -> None:
    mine = scope_at(counties[0], "quality5c.import")
    with pytest.raises(BadInput, match="1 行"):
        services.apply_rows(mine, now=now, code="market", rows=market(counties[:2], 1))
    with pytest.raises(NotFound):
        services.template_of("nothing")
    with pytest.raises(BadInput, match="没有数据"):
        services.apply_rows(mine, now=now, code="market", rows=[])


def test_the_newest_batch_of_headquarters_counts(
    filled: None, author: Scope, top: OrgUnit, now: datetime
) -> None:
    for hours, average in enumerate(("97%", "98%")):
        row = {"单位代码": top.code, "统计期": PERIOD, "指标代码": "C101", "全国平均": average}
        services.apply_rows(author, now=now + timedelta(hours=hours), code="sat", rows=[(2, row)])
    assert queries.sat_values(PERIOD, top) == {"C101": {"average": 0.98}}


def test_a_unit_s_own_target_wins_over_the_province_s_and_a_neighbour_s_says_nothing(
    make_scheme: MakeScheme, author: Scope, counties: list[OrgUnit], top: OrgUnit, now: datetime
) -> None:
    scheme = make_scheme()
    sent = [(top.code, "95%", "90%"), (counties[0].code, "99.9%", ""), (counties[1].code, "1%", "")]
    rows = [
        (n, {"单位代码": code, "统计期": PERIOD, "指标代码": "C101", "总局目标": target, "全国平均": average})
        for n, (code, target, average) in enumerate(sent, start=2)
    ]
    services.apply_rows(author, now=now, code="sat", rows=rows)
    assert queries.sat_values(PERIOD, counties[0])["C101"] == pytest.approx({"target": 0.999, "average": 0.9})
    assert queries.sat_values(PERIOD, counties[2])["C101"] == pytest.approx({"target": 0.95, "average": 0.9})
    detail = Detail.objects.get(scheme=scheme, org=counties[0], code="C101")
    found = headquarters.compared(PERIOD, counties[0], {"C101": (detail.value, "up"), "C102": (0.9, "up")})
    assert set(found) == {"C101"}, "about C102 nothing was sent"
    gap = found["C101"].gap
    assert gap.to_target == pytest.approx((detail.value or 0) - 0.999)
    assert gap.met is ((detail.value or 0) >= 0.999)
    score = Score.objects.get(scheme=scheme, org=counties[0])
    card = units._overview(author, now, score)
    ((indicator, words, met, verdict, _),) = card["sent"]
    assert (indicator.code, words[1], met[0], verdict) == ("C101", "99.90%", "未达标", "优势")
    assert dict(card["sent_counts"]) == {"达标": 0, "未达标": 1, "优势": 1, "劣势": 0}


def test_a_workbook_with_three_bad_rows_stores_nothing_and_names_each(
    filled: None,
    counties: list[OrgUnit],
    top: OrgUnit,
    now: datetime,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(IdentityMiddleware, "clock", lambda: now)
    reader = factories.person("daoru", top, permissions=["quality5c.import", "quality5c.view"])
    factories.sign_in(client, reader, now)
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["单位代码", "统计期", "指标代码", "全国平均", "全国先进", "总局目标"])
    good = [counties[0].code, PERIOD, "C101", "98%", "99%", "99%"]
    bad = [["999999", *good[1:]], [counties[1].code, "2025-13", *good[2:]], [*good[:5], "九成九"]]
    for n, row in enumerate([good, *bad], start=1):
        sheet.write_row(n, 0, row)
    book.close()
    upload = SimpleUploadedFile("总局.xlsx", file.getvalue())
    text = client.post("/quality5c/external/import/sat/", {"file": upload}).content.decode()
    for words in ("没有单位「999999」", "「2025-13」不是统计期", "「九成九」不是数", "整个文件都不会导入"):
        assert words in text
    assert 'name="rows"' not in text
    assert not ExternalBatch.objects.exists()
    assert not ExternalValue.objects.exists()
