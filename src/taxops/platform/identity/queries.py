"""What identity can be asked; the scope is always an argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from taxops.engines.base import CHINA, NotFound, Scope

from . import rules
from .models import (
    ApiToken,
    LoginAttempt,
    LoginOutcome,
    OrgChange,
    OrgUnit,
    Person,
    PersonKind,
    PersonSession,
    Role,
    RoleAssignment,
)
from .policy import policy_at

VIEW = "identity.view"


def within(scope: Scope, permission: str, field: str = "org__path") -> Q:
    """Return the condition that keeps the rows whose organisation lies where `permission` holds (权限范围内).

    Args:
        scope: who asks.
        permission: what they need to hold there.
        field: path of the row to the organisation's `path`.
    """
    paths = scope.paths(permission)
    if "" in paths:
        return ~Q(pk__in=())  # always true; an empty Q would vanish when a caller joins it by "or"
    if not paths:
        return Q(pk__in=())
    condition = Q()
    for path in paths:
        condition |= Q(**{f"{field}__startswith": path})
    return condition


def valid_at(now: datetime) -> Q:
    """Return the condition that keeps the assignments that hold at that instant (有效授权)."""
    return Q(valid_from__lte=now) & (Q(valid_to=None) | Q(valid_to__gt=now))


# Organisations (机构)


def list_orgs(scope: Scope, *, permission: str = VIEW, on: date | None = None) -> QuerySet[OrgUnit]:
    """Return the organisations in the scope in pinyin order; with `on`, those existing that day."""
    found = OrgUnit.objects.filter(within(scope, permission, "path")).select_related("parent")
    if on is not None:
        found = found.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)
    return found


def get_org(scope: Scope, code: str, *, permission: str = VIEW) -> OrgUnit:
    """Return an organisation of the scope by its code.

    Raises:
        NotFound: there is none in the scope.
    """
    found = list_orgs(scope, permission=permission).select_related("successor").filter(code=code).first()
    if found is None:
        raise NotFound("没有这个机构，或不在您的管理范围内。", "请核对机构代码。")
    return found


def find_org(code: str) -> OrgUnit | None:
    """Return the organisation of that code, whoever asks (for the command line and seeds)."""
    return OrgUnit.objects.filter(code=code).first()


def org_names(paths: Sequence[str]) -> dict[str, str]:
    """Return code → name for every code in the given paths; one query, for breadcrumbs."""
    codes = {code for path in paths for code in path.split("/") if code}
    return dict(OrgUnit.objects.filter(code__in=codes).values_list("code", "name"))


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One unit of the organisation tree (机构树节点) with what stands below it."""

    org: OrgUnit
    n_people: int
    children: list[TreeNode]

    @property
    def n_below(self) -> int:
        """How many people belong to the units below."""
        return sum(child.n_people + child.n_below for child in self.children)


def org_tree(scope: Scope, *, now: datetime, permission: str = VIEW) -> list[TreeNode]:
    """Return the trees of the scope as they stand today, siblings in pinyin order; two queries in all."""
    known = list(list_orgs(scope, permission=permission, on=now.astimezone(CHINA).date()))
    counts: Mapping[int, int] = dict(
        Person.objects.filter(within(scope, permission), is_active=True, kind=PersonKind.PERSON.value)
        .order_by()
        .values_list("org")
        .annotate(n=Count("pk"))
        .values_list("org", "n")
    )
    nodes = {unit.pk: TreeNode(unit, counts.get(unit.pk, 0), []) for unit in known}
    tops: list[TreeNode] = []
    for unit in known:
        above = nodes.get(unit.parent_id or 0)
        (above.children if above is not None else tops).append(nodes[unit.pk])
    return tops


def org_changes(org: OrgUnit) -> QuerySet[OrgChange]:
    """Return a unit's history (机构沿革), newest first."""
    return OrgChange.objects.filter(org=org)


# People (人员)


def list_people(scope: Scope, *, permission: str = VIEW) -> QuerySet[Person]:
    """Return the people in the scope (人员), in pinyin order, with their organisation."""
    return Person.objects.filter(within(scope, permission)).select_related("org")


def get_person(scope: Scope, pk: int, *, permission: str = VIEW) -> Person:
    """Return a person of the scope.

    Raises:
        NotFound: there is none in the scope.
    """
    found = list_people(scope, permission=permission).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个人员，或不在您的管理范围内。", "请核对姓名和所属机构。")
    return found


def find_person(username: str) -> Person | None:
    """Return the person with that user name, letter case apart, whoever asks (for the command line)."""
    return Person.objects.select_related("org").filter(username__iexact=username).first()


def me(scope: Scope) -> Person:
    """Return the person who asks (本人).

    Raises:
        NotFound: the platform itself asks, or nobody.
    """
    found = Person.objects.select_related("org").filter(pk=scope.actor_id or 0).first()
    if found is None:
        raise NotFound("没有登录。", "请先登录。")
    return found


def people_with(permission: str, path: str, *, now: datetime) -> QuerySet[Person]:
    """Return the active people who hold a permission at the organisation of this path (谁有权办理)."""
    codes = [code for code in path.split("/") if code]
    above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    roles = [
        role.pk
        for role in Role.objects.filter(is_active=True).only("pk", "permissions")
        if permission in role.permissions
    ]
    held = RoleAssignment.objects.filter(valid_at(now), role__in=roles, org__path__in=above)
    return Person.objects.filter(is_active=True, pk__in=held.values("person")).select_related("org")


def holders(permission: str, *, now: datetime) -> dict[str, set[int]]:
    """Return organisation path → ids of the active people who hold a permission just there (谁在何处有权)."""
    roles = [
        role.pk
        for role in Role.objects.filter(is_active=True).only("pk", "permissions")
        if permission in role.permissions
    ]
    found: dict[str, set[int]] = {}
    held = RoleAssignment.objects.filter(valid_at(now), role__in=roles, person__is_active=True)
    for path, person in held.values_list("org__path", "person_id"):
        found.setdefault(path, set()).add(person)
    return found


@dataclass(frozen=True, slots=True)
class LockedAccount:
    """An account that is locked now (锁定账户)."""

    person: Person
    until: datetime
    failures: int
    last_address: str


def locked_accounts(scope: Scope, *, now: datetime) -> list[LockedAccount]:
    """Return the accounts in the scope that are locked now (锁定账户), the longest locked first; two queries."""
    policy = policy_at(now).login
    failed = (
        LoginOutcome.STARTED.value,
        LoginOutcome.FAILED.value,
        LoginOutcome.CODE_FAILED.value,
    )
    cleared = (LoginOutcome.SUCCESS.value, LoginOutcome.UNLOCKED.value)
    people = Person.objects.filter(within(scope, "identity.people"))
    busy = (
        LoginAttempt.objects.filter(at__gt=now - policy.lock_for, at__lte=now, outcome__in=failed)
        .filter(person__in=people)
        .values("person")
    )
    attempts: dict[int, list[LoginAttempt]] = {}
    for attempt in (
        LoginAttempt.objects.filter(at__gt=now - timedelta(days=1), at__lte=now, person__in=busy)
        .select_related("person__org")
        .order_by("at", "pk")
    ):
        mine = attempts.setdefault(attempt.person_id or 0, [])
        if attempt.outcome in cleared:
            mine.clear()
        elif attempt.outcome in failed:
            mine.append(attempt)
    found = []
    for mine in attempts.values():
        lock = rules.lock_state([attempt.at for attempt in mine], now, policy)
        if lock.until is not None and mine[-1].person is not None:
            found.append(LockedAccount(mine[-1].person, lock.until, len(mine), mine[-1].address))
    return sorted(found, key=lambda account: account.until)


def login_attempts(person: Person) -> QuerySet[LoginAttempt]:
    """Return somebody's attempts to sign in (登录记录), newest first."""
    return LoginAttempt.objects.filter(person=person)


# Sessions and tokens (会话与令牌)


def open_sessions(person: Person) -> QuerySet[PersonSession]:
    """Return the sessions of a person that nobody has ended (在线会话), newest first."""
    return PersonSession.objects.filter(person=person, ended_at=None)


def get_session(scope: Scope, pk: int) -> PersonSession:
    """Return a session: one's own, or of a person whose account the actor keeps.

    Raises:
        NotFound: there is none.
    """
    mine = Q(person_id=scope.actor_id or 0)
    kept = within(scope, "identity.people", "person__org__path")
    found = PersonSession.objects.filter(mine | kept, pk=pk).select_related("person__org").first()
    if found is None:
        raise NotFound("没有这个会话，或不在您的管理范围内。", "请刷新列表后重试。")
    return found


def list_tokens(scope: Scope) -> QuerySet[ApiToken]:
    """Return the tokens in the scope and one's own (接口令牌), newest first."""
    mine = Q(person_id=scope.actor_id) if scope.actor_id is not None else Q(pk__in=())
    return ApiToken.objects.filter(within(scope, "identity.token") | mine).select_related("person", "org")


def my_tokens(scope: Scope) -> QuerySet[ApiToken]:
    """Return one's own tokens (我的令牌), newest first."""
    return ApiToken.objects.filter(person_id=scope.actor_id or 0).select_related("person", "org")


def get_token(scope: Scope, pk: int) -> ApiToken:
    """Return a token of the scope, or one's own.

    Raises:
        NotFound: there is none.
    """
    found = list_tokens(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个令牌，或不在您的管理范围内。", "请刷新列表后重试。")
    return found


# Roles (角色)


def list_roles(now: datetime) -> QuerySet[Role]:
    """Return all roles (角色), with how many assignments of each hold now (`n_held`)."""
    held = Q(assignments__valid_from__lte=now) & (
        Q(assignments__valid_to=None) | Q(assignments__valid_to__gt=now)
    )
    return Role.objects.annotate(n_held=Count("assignments", filter=held))


def get_role(code: str) -> Role:
    """Return a role by its code.

    Raises:
        NotFound: there is none.
    """
    found = Role.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"没有角色「{code[:40]}」。", "请核对角色代码。")
    return found


def list_assignments(scope: Scope, *, permission: str = VIEW) -> QuerySet[RoleAssignment]:
    """Return the assignments over organisations in the scope (授权), with person, role and organisation."""
    return RoleAssignment.objects.filter(within(scope, permission)).select_related(
        "person__org", "role", "org", "granted_by"
    )


def get_assignment(scope: Scope, pk: int, *, permission: str = VIEW) -> RoleAssignment:
    """Return an assignment of the scope.

    Raises:
        NotFound: there is none.
    """
    found = list_assignments(scope, permission=permission).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条授权，或不在您的管理范围内。", "请刷新列表后重试。")
    return found


def assignments_of(person: Person) -> QuerySet[RoleAssignment]:
    """Return everything that a person holds, held or will hold (授权历史), newest first."""
    return (
        RoleAssignment.objects.filter(person=person)
        .select_related("role", "org", "granted_by")
        .order_by("-valid_from", "-pk")
    )


def held_now(person: Person, now: datetime) -> list[RoleAssignment]:
    """Return what a person holds at that instant or will hold (现有授权), by role."""
    return list(
        RoleAssignment.objects.filter(Q(valid_to=None) | Q(valid_to__gt=now), person=person)
        .select_related("role", "org", "granted_by")
        .order_by("role__position", "org__path")
    )


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody the demonstration's login page offers (演示账户)."""

    username: str
    display_name: str
    org: str
    role: str


def demo_accounts(*, now: datetime) -> list[DemoAccount]:
    """Return one account for each role (演示账户), in the order of the roles; none outside a demonstration."""
    if not settings.CONFIG.demo:
        return []
    held = (
        RoleAssignment.objects.filter(
            valid_at(now), role__is_active=True, person__is_active=True, person__kind=PersonKind.PERSON.value
        )
        .select_related("person__org", "role")
        .order_by("role__position", "role__code", "person_id")
    )
    first: dict[int, RoleAssignment] = {}
    for assignment in held.filter(pk__in=_first_of_each_role(now)):
        first.setdefault(assignment.role_id, assignment)
    return [
        DemoAccount(a.person.username, a.person.display_name, str(a.person.org), a.role.name)
        for a in first.values()
    ]


def _first_of_each_role(now: datetime) -> list[int]:
    """Return the id of the lowest person's assignment for each role; a province has hundreds of some."""
    held = RoleAssignment.objects.filter(
        valid_at(now), person__is_active=True, person__kind=PersonKind.PERSON.value
    )
    return [row["first"] for row in held.values("role").annotate(first=Min("pk"))]
