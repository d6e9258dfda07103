"""Stories of several people at the same moment; run by `test_races` in a process on a database of its own.

An in-memory database of the tests would refuse a second writer at once; a real one makes him wait.
Each story answers what `test_races` expects, as plain JSON.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError, connections, transaction

from taxops.engines.base import Scope, TaxopsError
from taxops.platform.identity import services
from taxops.platform.identity.models import (
    OrgUnit,
    Person,
    PersonSession,
    RecoveryCode,
    Role,
    RoleAssignment,
    RoleKind,
)
from taxops.platform.identity.services import passwords, second_factor
from tests import factories

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
SYSTEM = Scope.system("测试")
_numbers = itertools.count(1)


def together(*acts: Callable[[], object]) -> list[str]:
    """Run all at the same moment, each on its own connection; return what became of each, sorted."""
    gate = threading.Barrier(len(acts))
    outcomes: list[str] = []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait(30)
            act()
            outcomes.append("done")
        except (TaxopsError, DatabaseError) as error:
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(outcomes)


def _somebody(**fields: Any) -> Person:
    top = OrgUnit.objects.filter(code="145000").first() or factories.province()["145000"]
    return factories.person(f"racer{Person.objects.count()}", top, **fields)


def excluding_roles() -> list[Any]:
    """Three administrators of the security department each grant another administrator role."""
    services.seed_roles(SYSTEM, now=NOW)
    found = []
    for _ in range(8):
        li = _somebody()
        roles = list(Role.objects.exclude(kind=RoleKind.NORMAL))
        outcomes = together(*(_granting(li, role) for role in roles))
        found.append([outcomes, RoleAssignment.objects.filter(person=li).count()])
    return found


def _granting(li: Person, role: Role) -> Callable[[], object]:
    return lambda: services.grant(SYSTEM, now=NOW, person=li, role=role, org=li.org)


def raw_inserts() -> list[Any]:
    """Somebody's own programmes insert without any lock of ours: the trigger alone decides."""
    roles = [factories.role(f"raw_{kind.value}", kind=kind) for kind in RoleKind if kind != RoleKind.NORMAL]
    found = []
    for _ in range(8):
        li = _somebody()
        outcomes = together(*(_inserting(li, role) for role in roles))
        found.append([outcomes, RoleAssignment.objects.filter(person=li).count()])
    return found


def _inserting(li: Person, role: Role) -> Callable[[], object]:
    def insert() -> object:
        with transaction.atomic():
            return RoleAssignment.objects.create(
                person=li, role=role, org_id=li.org_id, valid_from=NOW, granted_at=NOW
            )

    return insert


def kinds_changed() -> list[Any]:
    """Two roles of one person become different administrators at once."""
    found = []
    for _ in range(8):
        li = _somebody()
        roles = [factories.role(f"kind{next(_numbers)}") for _ in range(2)]
        for role in roles:
            factories.grant(li, role, li.org)
        kinds = (RoleKind.SYSTEM_ADMIN, RoleKind.AUDIT_ADMIN)
        outcomes = together(*(_changing(role, kind) for role, kind in zip(roles, kinds, strict=True)))
        found.append(
            [outcomes, Role.objects.filter(pk__in=[r.pk for r in roles], kind=RoleKind.NORMAL).count()]
        )
    return found


def _changing(role: Role, kind: RoleKind) -> Callable[[], object]:
    return lambda: services.edit_role(SYSTEM, role, now=NOW, name=role.name, permissions=[], kind=kind)


def grant_meets_change() -> list[Any]:
    """One grants an administrator role while another makes an administrator of a role already held."""
    boss = factories.role("boss_of_race", kind=RoleKind.SYSTEM_ADMIN)
    found = []
    for _ in range(8):
        li = _somebody()
        plain = factories.role(f"plain{next(_numbers)}")
        factories.grant(li, plain, li.org)
        found.append(together(_granting(li, boss), _changing(plain, RoleKind.AUDIT_ADMIN)))
    return found


def tree_moves() -> list[Any]:
    """Units change places in all directions at once; afterwards every path is its parents' chain."""
    top = factories.org("9P1")
    units = [factories.org(f"9A{n}", top, "county") for n in range(4)]
    leaves = [factories.org(f"9X{n}", units[n], "branch") for n in range(4)]
    acts = [_moving(leaf, f"9A{(n + step) % 4}") for n, leaf in enumerate(leaves) for step in (1, 2)]
    together(*acts, lambda: services.merge_org(SYSTEM, units[0], now=NOW, into="9A1"))
    return [
        unit.code
        for unit in OrgUnit.objects.select_related("parent")
        if unit.path != f"{unit.parent.path if unit.parent else ''}{unit.code}/"
    ]


def _moving(unit: OrgUnit, to: str) -> Callable[[], object]:
    return lambda: services.move_org(SYSTEM, unit, now=NOW, to=to)


def one_code() -> list[Any]:
    """Three found an organisation of the same code."""
    _somebody()

    def create() -> object:
        return services.create_org(
            SYSTEM, now=NOW, code="145019", name="新", level="county", parent="145010",
            valid_from=NOW.date() - timedelta(days=400),
        )  # fmt: skip

    outcomes = together(create, create, create)
    return [outcomes, OrgUnit.objects.filter(code="145019").count()]


def one_recovery_code() -> list[Any]:
    """A recovery code is sent four times at once."""
    li = _somebody(totp_confirmed_at=NOW)
    li.totp_secret = second_factor.seal(b"x" * 20, bound_to=f"totp:{li.pk}")
    li.save()
    code = second_factor._new_codes(li)[0]
    accepted: list[bool] = []
    together(*(lambda: accepted.append(second_factor.accepts(li, code, now=NOW)) for _ in range(4)))
    return [sorted(accepted), RecoveryCode.objects.filter(person=li, used_at=None).count()]


def many_guesses() -> list[Any]:
    """Twelve guesses arrive at once; the password is compared five times."""
    li = _somebody()
    compared: list[str] = []

    def compare(_person: Person | None, password: str) -> bool:
        compared.append(password)
        return False

    real, passwords.is_right = passwords.is_right, compare
    try:
        outcomes = together(
            *(lambda: services.check_login(li.username, "x", now=NOW, address="10.0.0.1") for _ in range(12))
        )
    finally:
        passwords.is_right = real
    return [set(outcomes) <= {"LockedOut", "LoginRefused"}, len(compared)]


def many_logins() -> list[Any]:
    """Six logins of one person at once leave two sessions."""
    li = _somebody()
    together(*(lambda: services.begin_session(li, now=NOW, address="") for _ in range(6)))
    mine = PersonSession.objects.filter(person=li)
    return [mine.count(), mine.filter(ended_at=None).count(), mine.filter(ended_because="displaced").count()]


def tell(name: str) -> Any:
    """Run the story of that name."""
    return getattr(sys.modules[__name__], name)()
