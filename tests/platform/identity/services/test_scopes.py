"""What somebody may do where follows from the assignments valid at that instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.platform.identity import services
from taxops.platform.identity.models import OrgUnit, Person, Role
from tests import factories

pytestmark = pytest.mark.django_db
Units = dict[str, OrgUnit]


def test_a_role_holds_over_its_subtree_only(province: Units, now: datetime) -> None:
    who = factories.person("li", province["145010"], permissions=["monitoring.view"], at=province["145011"])
    scope = factories.scope_of(who, now)
    assert scope.paths("monitoring.view") == ("145000/145010/145011/",)
    assert scope.allows("monitoring.view", province["145011H1"].path)
    assert not scope.allows("monitoring.view", province["145012"].path)
    assert not scope.allows("monitoring.view", province["145010"].path)
    assert not scope.has("monitoring.edit")


@pytest.mark.parametrize(
    ("_case", "start", "end", "holds"),
    [
        ("begins at this instant", 0, None, True),
        ("begins in a moment", 1, None, False),
        ("ends at this instant", -10, 0, False),
        ("ends in a moment", -10, 1, True),
        ("was taken back before it began", 5, 5, False),
    ],
)
def test_validity_is_half_open(
    _case: str, start: int, end: int | None, holds: bool, province: Units, now: datetime
) -> None:
    who = factories.person("li", province["145010"])
    role = factories.role("watcher", ["monitoring.view"])
    factories.grant(
        who,
        role,
        province["145010"],
        valid_from=now + timedelta(seconds=start),
        valid_to=None if end is None else now + timedelta(seconds=end),
    )
    assert factories.scope_of(who, now).has("monitoring.view") == holds


def test_roles_out_of_use_and_closed_accounts_give_nothing(province: Units, now: datetime) -> None:
    who = factories.person("li", province["145010"], permissions=["monitoring.view"])
    Role.objects.update(is_active=False)
    assert not factories.scope_of(who, now).has("monitoring.view")
    Role.objects.update(is_active=True)
    Person.objects.update(is_active=False)
    assert not factories.scope_of(who, now).has("monitoring.view")


def test_everybody_sees_his_own_notices(province: Units, now: datetime) -> None:
    who = factories.person("li", province["145010"])
    assert factories.scope_of(who, now).paths("notify.view") == (who.org.path,)


def test_a_scope_costs_one_query_however_many_roles(
    province: Units, now: datetime, django_assert_num_queries: Any
) -> None:
    who = factories.person("li", province["145010"])
    for n in range(12):
        factories.grant(who, factories.role(f"r{n}", [f"p.{n}"]), province["145010"])
    who = Person.objects.select_related("org").get(pk=who.pk)
    with django_assert_num_queries(1):
        assert factories.scope_of(who, now).has("p.11")


def test_nobody_has_no_actor_and_no_grants() -> None:
    scope = services.anonymous("10.0.0.1")
    assert (scope.actor_id, dict(scope.grants), scope.address) == (None, {}, "10.0.0.1")
