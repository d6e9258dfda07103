"""A province, the administrators' browsers, and cheap hashing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit, Person
from taxops.platform.identity.services import passwords
from tests import factories

GOOD = "Guilin-Shan-Shui-7"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime, settings: Any) -> Callable[[datetime], None]:
    """Let the web's clock stand at `now`; call it to set another time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    passwords._dummy.cache_clear()

    def at(instant: datetime) -> None:
        monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: instant))

    at(now)
    return at


@pytest.fixture
def units(db: None) -> dict[str, OrgUnit]:
    return factories.province()


@pytest.fixture
def li(units: dict[str, OrgUnit], now: datetime) -> Person:
    """Return somebody with a password."""
    person = factories.person("li.si", units["145011"], display_name="李四")
    passwords.give_password(person, GOOD, now=now, must_change=False)
    return person


@pytest.fixture
def as_(now: datetime, units: dict[str, OrgUnit]) -> Callable[[str], Client]:
    """Return a browser signed in as the holder of a role over the whole province."""

    def browser(role: str) -> Client:
        client = Client()
        factories.sign_in(client, factories.person(f"the_{role}", units["145000"], role), now)
        return client

    return browser
