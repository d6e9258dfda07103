"""Small things that every test needs: organisations, people, scopes, tokens; quick, without real hashing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import (
    ApiToken,
    OrgLevel,
    OrgUnit,
    Person,
    PersonKind,
    PersonSession,
    Role,
    RoleAssignment,
    RoleKind,
)

if TYPE_CHECKING:
    from django.test import Client

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_LEVELS = (OrgLevel.PROVINCE, OrgLevel.CITY, OrgLevel.COUNTY, OrgLevel.HALL)


def org(
    code: str, parent: OrgUnit | None = None, level: str | None = None, name: str = "", **fields: Any
) -> OrgUnit:
    """Return a stored organisation; its level follows from the parent's when not given."""
    if level is None:
        level = _LEVELS[0] if parent is None else _LEVELS[min(_LEVELS.index(OrgLevel(parent.level)) + 1, 3)]
    return OrgUnit.objects.create(
        code=code,
        name=name or f"机构{code}",
        level=str(level),
        parent=parent,
        path=f"{parent.path if parent else ''}{code}/",
        pinyin=code.lower(),
        valid_from=fields.pop("valid_from", date(2018, 6, 15)),
        **fields,
    )


def role(code: str, permissions: Iterable[str] = (), kind: str = RoleKind.NORMAL) -> Role:
    """Return the stored role of that code, made (or given these permissions) when needed."""
    found, _ = Role.objects.get_or_create(code=code, defaults={"name": f"角色{code}", "kind": str(kind)})
    wanted = sorted(set(permissions))
    if wanted and found.permissions != wanted:
        found.permissions = wanted
        found.save(update_fields=["permissions"])
    return found


def person(
    username: str,
    org: OrgUnit,
    role: Role | str | None = None,
    *,
    permissions: Iterable[str] = (),
    at: OrgUnit | None = None,
    **fields: Any,
) -> Person:
    """Return a stored person; `role` or `permissions` are held at `at`, or at his own organisation."""
    made = Person.objects.create(
        username=username,
        display_name=fields.pop("display_name", f"测试{username}"),
        org=org,
        pinyin=username,
        created_at=LONG_AGO,
        must_change_password=fields.pop("must_change_password", False),
        **fields,
    )
    if role is not None:
        grant(made, _role(role), at or org)
    if permissions:
        grant(made, globals()["role"](f"only-{username}", permissions), at or org)
    return made


def _role(wanted: Role | str) -> Role:
    if isinstance(wanted, Role):
        return wanted
    found = Role.objects.filter(code=wanted).first()
    if found is None:
        from taxops.platform.identity.services import seed_roles

        seed_roles(Scope.system("测试"), now=LONG_AGO)
        found = Role.objects.get(code=wanted)
    return found


def grant(
    person: Person,
    role: Role | str,
    org: OrgUnit,
    *,
    valid_from: datetime = LONG_AGO,
    valid_to: datetime | None = None,
) -> RoleAssignment:
    """Return a stored assignment of a role over an organisation's subtree."""
    return RoleAssignment.objects.create(
        person=person,
        role=_role(role),
        org=org,
        valid_from=valid_from,
        valid_to=valid_to,
        granted_at=valid_from,
    )


def scope_of(person: Person, now: datetime, **how: Any) -> Scope:
    """Return what a person may do where at `now`."""
    from taxops.platform.identity.services import scope_for

    return scope_for(person, now=now, **how)


def token(
    permissions: Iterable[str],
    org: OrgUnit,
    *,
    now: datetime = LONG_AGO,
    expires_at: datetime | None = None,
    name: str = "测试令牌",
) -> tuple[ApiToken, str]:
    """Return a stored API token of a service account, and its text for the Authorization header."""
    from taxops.platform.identity.services.tokens import digest_of, new_text

    prefix, text = new_text()
    holder = person(f"svc-{prefix}", org, kind=PersonKind.SERVICE)
    made = ApiToken.objects.create(
        name=name,
        prefix=prefix,
        digest=digest_of(text),
        person=holder,
        org=org,
        permissions=sorted(permissions),
        created_at=now,
        expires_at=expires_at or datetime(2099, 1, 1, tzinfo=UTC),
    )
    return made, text


def sign_in(client: Client, person: Person, now: datetime) -> PersonSession:
    """Sign a person in to a test client without password or hashing; the session starts at `now`.

    The middleware compares it with the clock: set `IdentityMiddleware.clock` (fixture `web_clock`) or
    pass the real time.
    """
    from taxops.platform.identity.middleware import SESSION_KEY

    number = PersonSession.objects.count() + 1
    held = PersonSession.objects.create(
        person=person, key=f"test-{person.pk}-{number}", started_at=now, seen_at=now
    )
    session = client.session
    session[SESSION_KEY] = held.key
    session.save()
    return held


def province() -> dict[str, OrgUnit]:
    """Return a small province by code: one 省, two 市, four 县, and a hall in each county."""
    top = org("145000", level=OrgLevel.PROVINCE, name="桂云省税务局")
    units = {top.code: top}
    for city_code, city_name in (("145010", "南江市税务局"), ("145020", "北河市税务局")):
        city = units[city_code] = org(city_code, top, OrgLevel.CITY, city_name)
        for number in (1, 2):
            county_code = f"{city_code[:5]}{number}"
            county = units[county_code] = org(county_code, city, OrgLevel.COUNTY, f"县局{county_code}")
            hall_code = f"{county_code}H1"
            units[hall_code] = org(hall_code, county, OrgLevel.HALL, f"办税厅{county_code}")
    return units
