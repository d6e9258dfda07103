"""Nobody sees beyond his scope, whatever he asks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity import queries
from taxops.platform.identity.models import OrgUnit, Person
from tests import factories

pytestmark = pytest.mark.django_db
Units = dict[str, OrgUnit]


def _scope(*paths: str, permission: str = "identity.view") -> Scope:
    return Scope(1, "甲", {permission: tuple(paths)})


class TestWithin(TestCase):
    """`within` says of every row exactly what `Scope.allows` says."""

    @classmethod
    def setUpTestData(cls) -> None:
        factories.province()
        factories.org("1450110", OrgUnit.objects.get(code="145010"), "county")

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                ["", "145000/", "145000/145010/", "145000/145010/145011/", "145000/145020/", "9/"]
            ),
            max_size=3,
        )
    )
    def test_within_and_allows_agree(self, paths: list[str]) -> None:
        scope = _scope(*paths)
        found = set(
            OrgUnit.objects.filter(queries.within(scope, "identity.view", "path")).values_list(
                "path", flat=True
            )
        )
        every = set(OrgUnit.objects.values_list("path", flat=True))
        assert found == {path for path in every if scope.allows("identity.view", path)}


def test_without_the_permission_there_is_nothing_and_no_query(
    province: Units, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert list(queries.list_orgs(_scope("145000/", permission="other.thing"))) == []
        assert list(queries.list_people(Scope(None, "未登录"))) == []


def test_the_platform_itself_sees_everything(province: Units) -> None:
    assert queries.list_orgs(Scope.system("测试")).count() == len(province)


def test_everywhere_joined_by_or_is_still_everywhere(province: Units) -> None:
    everywhere = queries.within(Scope.system("测试"), "x.y", "path")
    nowhere = queries.within(Scope(1, "甲"), "x.y", "path")
    assert OrgUnit.objects.filter(everywhere | nowhere).count() == len(province)
    assert OrgUnit.objects.filter(everywhere & nowhere).count() == 0
    assert OrgUnit.objects.exclude(everywhere).count() == 0


def test_organisations_come_in_the_order_of_their_sounds(db: None) -> None:
    top = factories.org("122000")
    for code, name in (("1", "长春"), ("2", "重庆"), ("3", "白城"), ("4", "延边"), ("5", "吉林")):
        from taxops.platform.identity.rules import name_key

        unit = factories.org(f"12200{code}", top, name=name)
        OrgUnit.objects.filter(pk=unit.pk).update(pinyin=name_key(name))
    found = queries.list_orgs(_scope("122000/")).filter(parent=top)
    assert [unit.name for unit in found] == ["白城", "长春", "重庆", "吉林", "延边"]


def test_closed_units_are_left_out_of_a_day(province: Units) -> None:
    OrgUnit.objects.filter(code="145011").update(valid_to=date(2026, 1, 1))
    found = queries.list_orgs(_scope("145000/"), on=date(2026, 1, 1))
    assert "145011" not in {unit.code for unit in found}
    assert "145011" in {unit.code for unit in queries.list_orgs(_scope("145000/"), on=date(2025, 12, 31))}


def test_getting_what_is_a_neighbours_is_not_found(province: Units, now: datetime) -> None:
    li = factories.person("li", province["145011"], "viewer")
    _, __ = factories.token(["x.y"], province["145011"])
    scope = _scope("145000/145020/")
    for ask in (
        lambda: queries.get_org(scope, "145011"),
        lambda: queries.get_person(scope, li.pk),
        lambda: queries.get_assignment(scope, li.assignments.get().pk),
        lambda: queries.get_token(scope, 1),
        lambda: queries.get_session(scope, 1),
        lambda: queries.get_role("nothing"),
        lambda: queries.me(Scope.system("测试")),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_tree_is_nested_counted_and_costs_two_queries(
    province: Units, now: datetime, django_assert_num_queries: Any
) -> None:
    factories.person("li", province["145011"])
    factories.person("gone", province["145011"], is_active=False)
    with django_assert_num_queries(2):
        tree = queries.org_tree(_scope("145000/145010/", "145000/145020/145021/"), now=now)
    assert [(node.org.code, [child.org.code for child in node.children]) for node in tree] == [
        ("145010", ["145011", "145012"]),
        ("145021", ["145021H1"]),
    ]
    assert [child.n_people for child in tree[0].children] == [1, 0]
    assert tree[0].n_below == 1


def test_who_may_do_something_somewhere_is_known(province: Units, now: datetime) -> None:
    city = factories.person("city", province["145010"], permissions=["monitoring.edit"])
    county = factories.person("county", province["145011"], permissions=["monitoring.edit"])
    factories.person("other", province["145020"], permissions=["monitoring.edit"])
    factories.person("gone", province["145011"], permissions=["monitoring.edit"], is_active=False)

    def may(path: str) -> set[Person]:
        return set(queries.people_with("monitoring.edit", path, now=now))

    assert may(province["145011H1"].path) == {city, county}
    assert may(province["145010"].path) == {city}
    assert may(province["145000"].path) == set()


def test_names_of_paths_come_in_one_query(province: Units, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        names = queries.org_names([province["145011H1"].path, province["145020"].path])
    assert set(names) == {"145000", "145010", "145011", "145011H1", "145020"}
