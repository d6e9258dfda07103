"""The small province, its readers, and the clock that contract tests run by."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.template import Template

from taxops.platform.identity.middleware import IdentityMiddleware
from tests import factories
from tests.contracts.samples import World


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: now))


@pytest.fixture(autouse=True)
def _demo(settings: Any) -> None:
    settings.CONFIG = replace(settings.CONFIG, demo=True)
    settings.WHITENOISE_AUTOREFRESH = True  # else every client reads all static files when it is made


@pytest.fixture(autouse=True)
def _plain_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render as in production: Django's tests keep a copy of every context, which nobody here looks at."""
    monkeypatch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))


@pytest.fixture
def world(db: None, now: datetime) -> World:
    """Return the province with a home county and its neighbour."""
    units = factories.province()
    return World(now, units, units["145011"], units["145012"])
