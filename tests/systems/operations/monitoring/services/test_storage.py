"""Retention: who may set it."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import NotPermitted
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.monitoring import services
from tests import factories


@pytest.mark.django_db
def test_only_one_who_may_edit_everywhere_sets_it_and_it_is_on_record(
    top: OrgUnit, province: dict[str, OrgUnit], bureau: Person, now: datetime
) -> None:
    given = {"raw_days": 10, "note_days": 30, "rollup_days": 400, "change_days": 1100}
    reader = factories.person("reader", province["145010"], permissions=["monitoring.view"])
    with pytest.raises(NotPermitted):
        services.set_retention(factories.scope_of(reader, now), now=now, **given)
    from taxops.engines.base import Scope

    services.set_retention(Scope.system("测试"), now=now, **given)
    entry = AuditEntry.objects.filter(action="storage.retention").get()
    assert "raw_days" in str(entry.after)
