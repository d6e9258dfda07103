"""A province of two counties, a clerk in each, and a folder for bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person


@dataclass(frozen=True)
class Province:
    """What most tests of the first floor need."""

    root: OrgUnit
    here: OrgUnit
    there: OrgUnit
    clerk: Person
    neighbour: Person

    def scope(self, person: Person | None = None, **grants: str) -> Scope:
        """Return a scope of the clerk (or another) with `permission_code=path` grants."""
        who = person or self.clerk
        named = {code.replace("_", ".", 1): (path,) for code, path in grants.items()}
        return Scope(who.pk, who.display_name, named, "127.0.0.1")


def make_province(now: datetime) -> Province:
    """Build it."""

    def org(code: str, name: str, level: str, parent: OrgUnit | None) -> OrgUnit:
        path = f"{parent.path if parent else ''}{code}/"
        found: Any = OrgUnit.objects.create(
            code=code, name=name, level=level, parent=parent, path=path, valid_from=date(2018, 7, 20)
        )
        return found

    root = org("145000", "某省税务局", "province", None)
    here = org("145010", "甲县税务局", "county", root)
    there = org("145020", "乙县税务局", "county", root)
    people = [
        Person.objects.create(
            username=name, display_name=shown, org=home, created_at=now, email=f"{name}@example.test"
        )
        for name, shown, home in (("jia", "甲县小韦", here), ("yi", "乙县小李", there))
    ]
    return Province(root, here, there, *people)


@pytest.fixture
def province(now: datetime, db: None) -> Province:
    return make_province(now)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"
