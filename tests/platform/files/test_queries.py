"""Whose files one sees."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from taxops.platform.files import queries, services
from tests.platform.province import Province

pytestmark = pytest.mark.django_db


def test_looking_after_files_is_apart_from_owning_some(province: Province, now: datetime) -> None:
    mine = services.store(province.scope(), now=now, name="a.txt", stream=io.BytesIO(b"a"))
    theirs = services.store(
        province.scope(province.neighbour), now=now, name="b.txt", stream=io.BytesIO(b"b")
    )
    assert list(queries.list_files(province.scope())) == [mine]
    assert list(queries.managed(province.scope())) == []
    keeper = province.scope(files_view=province.there.path)
    assert list(queries.managed(keeper)) == [theirs]
    assert queries.find(keeper, theirs.pk) == theirs
    assert queries.find(province.scope(), theirs.pk) is None


def test_a_list_of_many_files_takes_one_query(
    province: Province, now: datetime, django_assert_num_queries: object
) -> None:
    for number in range(5):
        services.store(province.scope(), now=now, name=f"{number}.txt", stream=io.BytesIO(b"x"))
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture is a factory
        assert [str(file.uploaded_by) for file in queries.list_files(province.scope())] == ["甲县小韦"] * 5
