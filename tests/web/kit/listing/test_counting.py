"""What is counted is as many as what is shown, and nothing is worked out for it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Count, F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from taxops.platform.identity.models import OrgUnit
from taxops.web.kit.listing import counting
from tests import factories
from tests.web.kit.conftest import Read

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]
URL = "/kit/list/"


def test_only_keys_are_asked_for(units: dict[str, OrgUnit]) -> None:
    rows = OrgUnit.objects.annotate(long=Concat(F("name"), Value("!"))).order_by("long")
    counted = counting.keys_only(rows)
    assert counted is not None
    with CaptureQueriesContext(connection) as captured:
        assert counted[:1000].count() == len(units)
    sql = captured[0]["sql"]
    assert "!" not in sql
    assert "ORDER BY" not in sql
    narrowed = counting.keys_only(rows.filter(long__startswith="南江"))
    assert narrowed is not None
    assert narrowed.count() == rows.filter(long__startswith="南江").count() > 0, "a condition stays"


def test_rows_that_differ_by_their_columns_keep_them(units: dict[str, OrgUnit]) -> None:
    levels = OrgUnit.objects.values("level").annotate(n=Count("pk"))
    for rows in (
        levels,
        OrgUnit.objects.distinct(),
        OrgUnit.objects.all()[:3],
        OrgUnit.objects.union(OrgUnit.objects.all()),
    ):
        assert counting.keys_only(rows) is None


@pytest.mark.parametrize("few", [500, 2])
def test_a_search_shows_the_same_however_it_is_made(
    read: Read, units: dict[str, OrgUnit], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Found rows fetched by their keys, or searched for again: the same page, sorted, counted and turned alike."""
    monkeypatch.setattr(counting, "FEW", few)
    for number in range(60):
        factories.org(f"88{number:04d}", units["145011"], "hall", name=f"测试厅{number:04d}")
    first = read(f"{URL}?q=测试厅&sort=-code")
    assert "共 60 条" in first
    assert "测试厅0059" in first
    assert "测试厅0009" not in first
    last = read(f"{URL}?q=测试厅&sort=-code&page=2")
    assert "第 51–60 条" in last
    assert "测试厅0000" in last
    assert "测试厅" not in read(f"{URL}?q=没有这样的").partition("<tbody")[2].partition("</tbody")[0]
