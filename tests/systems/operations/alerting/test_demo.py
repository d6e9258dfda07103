"""The demonstration of alerting and intake: complete, and the same when repeated."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.alerting import demo, queries, services
from taxops.systems.operations.alerting.models import AlertInhibition, AlertRoute, AlertSilence
from taxops.systems.operations.intake import demo as intake
from taxops.systems.operations.intake import queries as intake_queries

pytestmark = pytest.mark.django_db
SCOPE = Scope.system("演示数据", via="cli")


def test_no_page_is_empty_and_repeating_changes_nothing(
    top: OrgUnit, engineer: Person, now: datetime
) -> None:
    for moment in (now, now + timedelta(days=2)):
        demo.seed(SCOPE, moment)
        intake.seed(SCOPE, moment)
        services.turn(now=moment)
    counts = (AlertRoute.objects.count(), AlertInhibition.objects.count(), AlertSilence.objects.count())
    assert counts == (4, 5, 3)
    phases = [row.phase for row in queries.list_silences(SCOPE, now + timedelta(minutes=1))]
    assert sorted(phases) == ["due", "over", "running"]
    assert intake_queries.unmatched(SCOPE, now).count() == 3, (
        "no system of the demonstration is here to match"
    )
    assert [a.title for a in queries.would_silence(SCOPE, ["alertname=NodeClockSkew"])] == [
        "备用时间服务器偏差 1.8 秒"
    ]
