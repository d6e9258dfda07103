"""Tokens are shown once, hashed, narrower than who made them, and die on time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity import queries, services
from taxops.platform.identity.models import ApiToken, OrgUnit, Person, RoleAssignment
from tests import factories

pytestmark = pytest.mark.django_db
Units = dict[str, OrgUnit]
DAY = timedelta(days=1)


@pytest.fixture
def manager(province: Units) -> Person:
    return factories.person("manager", province["145010"], "ops_manager")


def _create(scope: Scope, now: datetime, org: OrgUnit, **given: Any) -> tuple[ApiToken, str]:
    known = {"name": "探测器", "permissions": ["probers.report"], "expires_at": now + 30 * DAY, **given}
    return services.create_token(scope, now=now, org=org, **known)


def test_a_token_does_what_it_says_where_it_says(province: Units, manager: Person, now: datetime) -> None:
    made, text = _create(factories.scope_of(manager, now), now, province["145011"])
    person, scope = services.authenticate(text, now=now, address="10.0.0.9")
    assert (person, scope.actor_id, scope.via, scope.address) == (manager, manager.pk, "api", "10.0.0.9")
    assert dict(scope.grants) == {"probers.report": (province["145011"].path,)}
    assert text not in str(vars(made))
    assert text.startswith(f"taxops_{made.prefix}_")
    assert len(text) > 50
    assert text not in "".join(AuditEntry.objects.values_list("after", flat=True))


def test_a_token_cannot_do_more_than_its_maker(province: Units, manager: Person, now: datetime) -> None:
    scope = factories.scope_of(manager, now)
    with pytest.raises(NotPermitted, match=r"权限 audit\.view|审计"):
        _create(scope, now, province["145011"], permissions=["audit.view"])
    with pytest.raises(NotPermitted):
        _create(scope, now, province["145020"])
    with pytest.raises(NotPermitted):
        _create(scope, now, province["145000"])
    with pytest.raises(NotPermitted):
        _create(
            factories.scope_of(factories.person("li", province["145010"], "viewer"), now),
            now,
            province["145010"],
        )
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["no.such"]}, "permissions"),
        ({"permissions": ["identity.token"]}, "permissions"),
        ({"expires_at": timedelta(0)}, "expires_at"),
        ({"expires_at": timedelta(days=-1)}, "expires_at"),
        ({"expires_at": timedelta(days=367)}, "expires_at"),
    ],
)
def test_what_a_token_cannot_be_is_refused(
    given: dict[str, Any], field: str, manager: Person, now: datetime
) -> None:
    if "expires_at" in given:
        given = {"expires_at": now + given["expires_at"]}
    with pytest.raises(BadInput) as caught:
        _create(factories.scope_of(manager, now), now, manager.org, **given)
    assert caught.value.field == field
    assert not ApiToken.objects.exists()


def test_a_program_makes_no_tokens(manager: Person, now: datetime) -> None:
    with pytest.raises(NotPermitted, match="程序不能创建令牌"):
        _create(factories.scope_of(manager, now, via="api"), now, manager.org)


def test_the_platforms_own_tokens_belong_to_a_service_account(
    province: Units, system: Scope, now: datetime
) -> None:
    made, text = _create(system, now, province["145000"])
    assert made.person.kind == "service"
    _, scope = services.authenticate(text, now=now)
    assert scope.allows("probers.report", province["145011H1"].path)
    with pytest.raises(services.LoginRefused):
        services.check_login(made.person.username, "", now=now, address="")


@pytest.mark.parametrize(
    "how",
    ["unknown", "cut short", "wrong secret", "empty", "other scheme", "revoked", "expired", "holder closed"],
)
def test_a_token_that_does_not_work_says_why(how: str, manager: Person, now: datetime) -> None:
    made, text = _create(factories.scope_of(manager, now), now, manager.org)
    given, code, at = text, "token_unknown", now
    if how == "unknown":
        given = "taxops_abcdefghjk_" + "x" * 43
    elif how == "cut short":
        given = text[:-1]
    elif how == "wrong secret":
        given = text[:-3] + ("AAA" if not text.endswith("AAA") else "BBB")
    elif how == "empty":
        given = ""
    elif how == "other scheme":
        given = "ghp_" + text
    elif how == "revoked":
        code = "token_revoked"
        services.revoke_token(factories.scope_of(manager, now), made, now=now)
    elif how == "expired":
        code, at = "token_expired", made.expires_at
    else:
        code = "token_owner"
        Person.objects.update(is_active=False)
    with pytest.raises(services.TokenRefused) as caught:
        services.authenticate(given, now=at)
    answer = caught.value.as_dict()
    assert (answer["code"], caught.value.status) == (code, 401)
    assert answer["what"]
    assert answer["todo"]


def test_a_persons_token_shrinks_with_the_person(province: Units, manager: Person, now: datetime) -> None:
    _, text = _create(
        factories.scope_of(manager, now), now, manager.org, permissions=["probers.report", "monitoring.view"]
    )
    RoleAssignment.objects.filter(person=manager).update(valid_to=now + DAY)
    assert services.authenticate(text, now=now)[1].has("monitoring.view")
    assert dict(services.authenticate(text, now=now + DAY)[1].grants) == {}


def test_use_is_noted_once_a_minute_at_most(manager: Person, now: datetime) -> None:
    made, text = _create(factories.scope_of(manager, now), now, manager.org)
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (61, 60)):
        services.authenticate(text, now=now + timedelta(seconds=seconds), address=f"10.0.0.{seconds}")
        made.refresh_from_db()
        assert made.last_used_at == now + timedelta(seconds=noted)
    assert made.last_used_from == "10.0.0.60"


def test_own_tokens_and_those_of_the_area_can_be_revoked(
    province: Units, manager: Person, security_admin: Person, now: datetime
) -> None:
    a, _ = _create(factories.scope_of(manager, now), now, manager.org)
    b, _ = _create(factories.scope_of(manager, now), now, manager.org)
    stranger = factories.scope_of(factories.person("nb", province["145020"], "ops_manager"), now)
    with pytest.raises(NotFound):
        services.revoke_token(stranger, a, now=now)
    assert not queries.list_tokens(stranger).exists()
    services.revoke_token(factories.scope_of(manager, now), a, now=now)
    services.revoke_token(factories.scope_of(security_admin, now), b, now=now)
    with pytest.raises(Conflict):
        services.revoke_token(factories.scope_of(manager, now), a, now=now)


def test_the_factory_makes_working_tokens(province: Units, now: datetime) -> None:
    _, text = factories.token(["monitoring.view"], province["145010"])
    assert services.authenticate(text, now=now)[1].paths("monitoring.view") == (province["145010"].path,)
