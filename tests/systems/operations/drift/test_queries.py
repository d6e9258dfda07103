"""The list of watched configurations: whether one was approved, whether one waits; nothing else's checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.models import Person
from taxops.systems.operations.drift import queries, services
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]


def test_configs_say_what_waits(root: Scope, engineer: Person, make_check: Any, now: datetime) -> None:
    check = make_check("配置", kind="config_drift", target="/etc/hosts")
    plain = make_check("端口")
    (row,) = queries.list_configs(root, now)
    assert (row.pk, row.waits, row.approved_at) == (check.pk, False, None)
    snapshot = services.propose(
        factories.scope_of(engineer, now), check.pk, now=now, content="a", reason="首次核实"
    )
    assert queries.list_configs(root, now)[0].waits
    services.decide(root, snapshot.pk, now=now, approve=True)
    (row,) = queries.list_configs(root, now)
    assert (row.waits, row.approved_at) == (False, now)
    assert [s.state for s in queries.snapshots(check)] == ["approved"]
    with pytest.raises(NotFound):
        queries.get_config(root, now, plain.pk)
