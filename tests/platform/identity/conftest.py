"""What identity's tests share: a province, cheap hashing, a web clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity import permissions
from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit, Person
from taxops.platform.identity.policy import seeded_roles
from tests import factories


@pytest.fixture(autouse=True)
def _cheap_hashing(settings: Any) -> None:
    """Argon2 is slow on purpose; one test of its own uses it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    from taxops.platform.identity.services import passwords

    passwords._dummy.cache_clear()


@pytest.fixture(autouse=True)
def _known_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the permissions of the built-in roles exist, whichever systems are plugged in."""
    known = dict(permissions._declared)
    monkeypatch.setattr(permissions, "_declared", known)
    for code in {code for role in seeded_roles() for code in role["permissions"]} - set(known):
        permissions.declare(code, f"权限 {code}", "测试")


@pytest.fixture
def province(db: None) -> dict[str, OrgUnit]:
    """Return a small province by code."""
    return factories.province()


@pytest.fixture
def top(province: dict[str, OrgUnit]) -> OrgUnit:
    """Return its root."""
    return province["145000"]


@pytest.fixture
def system() -> Scope:
    """Return the scope of the platform itself."""
    return Scope.system("测试", via="cli")


@pytest.fixture
def people_admin(top: OrgUnit) -> Person:
    """Return a system administrator of the whole province."""
    return factories.person("sysadmin", top, "system_admin")


@pytest.fixture
def security_admin(top: OrgUnit) -> Person:
    """Return a security administrator of the whole province."""
    return factories.person("secadmin", top, "security_admin")


@pytest.fixture
def web_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Callable[[datetime], None]:
    """Let the web's clock stand at `now`; call it to set another time."""

    def at(instant: datetime) -> None:
        monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: instant))

    at(now)
    return at
