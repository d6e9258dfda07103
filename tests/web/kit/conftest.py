"""A page under test, asked directly or through the living pages of the demonstration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit, Person
from tests import factories


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: now))


@pytest.fixture(autouse=True)
def _demo(settings: Any) -> None:
    settings.CONFIG = replace(settings.CONFIG, demo=True)
    settings.WHITENOISE_AUTOREFRESH = True  # else every client reads all static files when it is made


@pytest.fixture
def units(db: None) -> dict[str, OrgUnit]:
    """Return the small province."""
    return factories.province()


@pytest.fixture
def person(units: dict[str, OrgUnit]) -> Person:
    """Return somebody at the province who may look at jobs, for want of anything else."""
    return factories.person("wang", units["145000"], permissions=["jobs.view"], display_name="王建国")


@pytest.fixture
def client(person: Person, now: datetime) -> Client:
    """Return a client signed in as that person; failures are answered, not raised."""
    signed_in = Client(raise_request_exception=False)
    factories.sign_in(signed_in, person, now)
    return signed_in


Read = Callable[..., str]


@pytest.fixture
def read(client: Client) -> Read:
    """Return a function that answers the text of a page."""

    def get(url: str, **headers: str) -> str:
        return client.get(url, headers=headers).content.decode()

    return get
