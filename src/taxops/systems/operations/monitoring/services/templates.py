"""Applying templates (套用模板): an item's checks for one system, from a few answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.definitions import Definition, fit
from taxops.systems.operations.monitoring.items import get_item
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem
from taxops.systems.operations.monitoring.telling import tell_pages

from . import probers
from .checks import EDIT, insert_check
from .descriptions import shown_definition


def planned(item_code: str, answers: Mapping[str, str]) -> list[Definition]:
    """Return the checks that applying a template would make, each proved usable.

    Raises:
        NotFound, BadInput.
    """
    found = get_item(item_code).definitions(answers)
    for definition in found:
        try:
            fit(definition)
        except BadInput as error:
            raise BadInput(f"「{definition.name}」：{error.what}", error.todo) from error
    return found


def apply_item(
    scope: Scope, *, now: datetime, system_id: int, item_code: str, answers: Mapping[str, str]
) -> list[Check]:
    """Make an item's checks for a system (套用模板); all or none.

    Raises:
        NotFound, BadInput.
    """
    definitions = planned(item_code, answers)
    with transaction.atomic():
        system = (
            MonitoredSystem.objects.select_related("org")
            .filter(within(scope, EDIT), pk=system_id, archived_at=None)
            .first()
        )
        if system is None:
            raise NotFound("没有这个监控系统。", "它可能不在您的管理范围内。")
        made = [insert_check(scope, system, fit(definition), now=now) for definition in definitions]
        probers.changed()
        for check in made:
            audit.record(
                scope,
                now=now,
                action="check.create",
                kind="check",
                object_id=check.pk,
                label=check.name,
                after={**shown_definition(check), "template": item_code},
                org_path=system.org.path,
            )
        tell_pages("check", scope_path=system.org.path)
    return made
