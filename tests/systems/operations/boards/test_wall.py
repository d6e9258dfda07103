"""The wall as it hangs: an alert that was pushed in belongs to no outage, and is led to like any other."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.alerting.models import Alert
from tests import factories
from tests.systems.operations.alerting.conftest import Timeline

pytestmark = pytest.mark.django_db


def test_an_alert_from_outside_is_shown_and_led_to(
    top: OrgUnit, engineer: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Timeline(now, top)
    line.push("磁盘将满", severity="major", labels={"system": "a"})
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(line.now))
    browser = Client()
    factories.sign_in(browser, engineer, now)
    answer = browser.get("/operations/board/")
    assert answer.status_code == 200
    pushed = Alert.objects.get()
    assert pushed.outage_id is None
    assert f'href="/operations/alerts/{pushed.pk}/"' in answer.content.decode()
