"""Filling the demonstration: complete, quick in queries, and the same when repeated."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password

from taxops.platform.audit import services as audit
from taxops.platform.identity import services as identity
from taxops.platform.identity.models import OrgUnit, Person, RoleAssignment
from taxops.project.demo import people, province, seed

pytestmark = pytest.mark.django_db
PASSWORD = people.DEFAULT_PASSWORD


def _fill(now: datetime, password: str = PASSWORD) -> None:
    seed.roles(now=now)
    seed.organisations(now=now)
    seed.persons(now=now, password=password)


def test_the_demonstration_is_complete(now: datetime) -> None:
    _fill(now)
    assert OrgUnit.objects.filter(level="hall").count() == province.HALLS
    assert RoleAssignment.objects.count() == len(people.accounts()) + len(list(people.hall_managers()))
    step = identity.check_login("engineer", PASSWORD, now=now, address="127.0.0.1")
    assert step.person.display_name == "林晓岩"
    scope = identity.scope_for(Person.objects.get(username="yanbian"), now=now)
    assert scope.allows("monitoring.view", "12200000000/12224000000/12224010000/")
    assert not scope.allows("monitoring.view", "12200000000/12201000000/")


def test_repeating_changes_nothing(now: datetime) -> None:
    _fill(now)
    before = list(Person.objects.order_by("pk").values_list("pk", "username", "password"))
    units = set(OrgUnit.objects.values_list("pk", "path", "name"))
    held = RoleAssignment.objects.count()
    _fill(now + timedelta(days=100))
    assert list(Person.objects.order_by("pk").values_list("pk", "username", "password")) == before
    assert set(OrgUnit.objects.values_list("pk", "path", "name")) == units
    assert RoleAssignment.objects.count() == held
    assert audit.verify() is None


def test_what_visitors_changed_stays(now: datetime) -> None:
    _fill(now)
    unit = OrgUnit.objects.get(code=province.authority("220102"))
    identity.edit_org(seed.scope(), unit, now=now, name="国家税务总局长春市南关区税务局（新）")
    _fill(now + timedelta(days=1))
    unit.refresh_from_db()
    assert unit.name.endswith("（新）")


def test_another_password_is_taken_over(now: datetime) -> None:
    _fill(now)
    _fill(now, "Another-Demo-2027")
    for username in ("engineer", "auditor"):
        assert check_password("Another-Demo-2027", Person.objects.get(username=username).password)


def test_a_demonstration_kept_for_months_lets_its_people_in(now: datetime) -> None:
    _fill(now)
    later = now + timedelta(days=200)
    _fill(later)
    assert (
        identity.check_login("engineer", PASSWORD, now=later, address="127.0.0.1").person.username
        == "engineer"
    )


def test_the_probers_token_is_kept_until_it_nears_its_end(now: datetime, tmp_path: Path) -> None:
    from taxops.project.demo import tokens

    _fill(now)
    first = tokens.prober_token(tmp_path, now=now)
    assert (tmp_path / "prober.token").stat().st_mode & 0o077 == 0
    assert tokens.prober_token(tmp_path, now=now + timedelta(days=300)) == first
    second = tokens.prober_token(tmp_path, now=now + timedelta(days=340))
    assert second != first
    person, scope = identity.authenticate(second, now=now + timedelta(days=341))
    assert person.kind == "service"
    assert scope.has("probers.report")
    assert not scope.has("monitoring.view")
