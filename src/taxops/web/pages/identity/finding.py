"""What identity answers to the search box (全局搜索): people and organisations."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from taxops.engines.base import Scope
from taxops.platform.identity import queries
from taxops.web.kit import Hit

LIMIT = 5


def people(scope: Scope, text: str, _now: datetime) -> list[Hit]:
    """Return people whose name, user name, phone or spelling matches."""
    found = queries.list_people(scope).filter(
        Q(display_name__icontains=text)
        | Q(username__icontains=text)
        | Q(phone__startswith=text)
        | Q(pinyin__icontains=text.lower())
    )
    return [
        Hit(person.display_name, reverse("identity-person", kwargs={"pk": person.pk}), str(person.org))
        for person in found.filter(is_active=True)[:LIMIT]
    ]


def organisations(scope: Scope, text: str, _now: datetime) -> list[Hit]:
    """Return organisations whose name, code or spelling matches."""
    found = queries.list_orgs(scope).filter(
        Q(name__icontains=text) | Q(code__startswith=text) | Q(pinyin__icontains=text.lower())
    )
    return [
        Hit(unit.name, reverse("identity-org", kwargs={"code": unit.code}), unit.code)
        for unit in found.filter(valid_to=None)[:LIMIT]
    ]
