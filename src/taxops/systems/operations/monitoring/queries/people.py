"""Who is in charge of a system (责任人员)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, Value
from django.db.models.functions import StrIndex

from taxops.platform.identity.models import RoleAssignment

RESPOND = "monitoring.run"
"""Those who may try a check are those who answer for it."""


def responders(org_path: str, now: datetime) -> list[int]:
    """Return the ids of active people who hold the answering permission over this organisation; one query."""
    held = (
        RoleAssignment.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=now),
            valid_from__lte=now,
            role__is_active=True,
            person__is_active=True,
        )
        .annotate(place=StrIndex(Value(org_path), "org__path"))
        .filter(place=1)
        .values_list("person_id", "role__permissions")
    )
    return sorted({person for person, codes in held if RESPOND in codes})
