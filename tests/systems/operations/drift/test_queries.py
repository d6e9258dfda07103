"""The list of watched configurations: whether one was approved, whether one waits; nothing else's checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.models import Person
from taxops.systems.operations.drift import queries, services
from taxops.systems.operations.monitoring.models import ResultNote
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


def test_the_difference_seen_is_told_until_it_is_gone(root: Scope, make_check: Any, now: datetime) -> None:
    check = make_check("配置", kind="config_drift", target="/etc/hosts")
    assert queries.seen(check) is None
    lines = ["@@ -1 +1 @@", "-a", "+b"]
    ResultNote.objects.create(check_row=check, at_ms=1000, code=1, message="不一致", trace={"diff": lines})
    ResultNote.objects.create(check_row=check, at_ms=1500, code=1, message="不一致")
    diff, at = queries.seen(check) or pytest.fail("nothing was seen")
    assert [(line.mark, line.text) for line in diff.lines if line.mark != "@"] == [("-", "a"), ("+", "b")]
    assert at.timestamp() == 1
    ResultNote.objects.create(check_row=check, at_ms=2000, code=0, message="一致")
    assert queries.seen(check) is None
