"""What one can ask about assets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import NotFound, Scope
from taxops.platform.assets import queries, services
from taxops.platform.assets.models import Asset
from tests.platform.province import Province

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(province: Province, now: datetime) -> tuple[Asset, Asset]:
    services.ensure_types()
    system = Scope.system("测试")
    near, far = (
        services.create(
            system,
            now=now,
            code=f"S-{org.code}",
            name=f"{org.name}系统",
            type=queries.get_type("system"),
            org=org,
        )
        for org in (province.here, province.there)
    )
    services.relate(system, now=now, source=far, kind="part_of", target=near)
    return near, far


def test_lists_searches_and_counts_keep_to_the_scope(province: Province, pair: tuple[Asset, Asset]) -> None:
    near, far = pair
    scope = province.scope(assets_view=province.here.path)
    assert list(queries.list_assets(scope)) == [near]
    assert queries.find(scope, "系统") == [near]
    assert queries.find(scope, " ") == []
    assert queries.by_id(scope, far.pk) is None
    assert queries.counted_types(scope).get(code="system").n_assets == 1
    assert list(queries.parts(scope, near)) == []
    (tie,) = queries.ties(scope, near)
    assert (tie.other, tie.words) == (None, "包含")
    assert queries.find_relation(scope, tie.id) is None, "only who may edit its source takes it away"


def test_a_list_of_many_assets_takes_one_query(
    province: Province, pair: tuple[Asset, Asset], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        rows = queries.list_assets(province.scope(assets_view=province.root.path))
        assert {(row.type.name, row.org.name) for row in rows} == {
            ("信息系统", "甲县税务局"),
            ("信息系统", "乙县税务局"),
        }


def test_an_unknown_type_is_not_found() -> None:
    with pytest.raises(NotFound, match="资产类型"):
        queries.get_type("spaceship")
