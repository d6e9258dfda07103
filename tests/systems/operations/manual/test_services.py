"""Answers of people make states and outages like any result; what nobody looked at is unknown, not down."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.manual import queries, services
from taxops.systems.operations.manual.models import ManualAnswer
from taxops.systems.operations.manual.rules import Stand
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.models import Outage
from tests import factories

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)  # fmt: skip


@pytest.fixture
def duty(make_check: Any) -> Any:
    """Return a check that somebody carries out each day."""
    return make_check(
        "机房温度", kind="manual", target="机房", params={"every_s": 86400, "grace_s": 3600, "unit": "℃"}
    )


def test_an_answer_makes_the_state_as_of_the_time_of_fact(engineer: Person, duty: Any, now: datetime) -> None:
    scope = factories.scope_of(engineer, now)
    looked, wrote = now + timedelta(hours=1), now + timedelta(hours=2)
    services.answer(scope, duty.pk, now=wrote, answer="bad", value=41.5, note="空调停", fact_at=looked)
    outage = Outage.objects.get(check_row=duty)
    assert (outage.started_at, outage.ended_at, outage.entered_at) == (looked, None, wrote)
    assert "空调停" in outage.cause
    back = now + timedelta(hours=3)
    services.answer(scope, duty.pk, now=back, answer="ok", value=23, fact_at=back)
    outage.refresh_from_db()
    assert outage.ended_at == back
    assert getattr(monitoring.get_check(scope, back, duty.pk), "shown") == "ok"  # noqa: B009 -- an annotation
    assert [one.value for one in queries.answers(duty.pk)] == [23, 41.5]
    assert queries.get_duty(scope, back, duty.pk).due.stand is Stand.DONE


def test_what_nobody_looked_at_is_unknown_once_and_no_outage(
    root: Scope, engineer: Person, duty: Any, now: datetime
) -> None:
    late = now + timedelta(hours=26)
    assert services.judge_overdue(now=now + timedelta(hours=24)) == 0
    assert services.judge_overdue(now=late) == 1
    assert services.judge_overdue(now=late + timedelta(minutes=5)) == 0
    assert getattr(monitoring.get_check(root, late, duty.pk), "shown") == "unknown"  # noqa: B009 -- an annotation
    assert not Outage.objects.filter(check_row=duty).exists()
    assert [d.due.stand for d in queries.duties(root, late)] == [Stand.OVERDUE]
    services.answer(
        factories.scope_of(engineer, late), duty.pk, now=late, answer="ok", value=20, fact_at=late
    )
    assert getattr(monitoring.get_check(root, late, duty.pk), "shown") == "ok"  # noqa: B009 -- an annotation
    assert services.judge_overdue(now=late + timedelta(hours=30)) == 1  # and the next day again


def test_a_photo_is_kept_with_the_answer(engineer: Person, make_check: Any, now: datetime) -> None:
    check = make_check(kind="manual", target="画面", params={"needs_photo": True})
    scope = factories.scope_of(engineer, now)
    with pytest.raises(BadInput):
        services.answer(scope, check.pk, now=now, answer="ok", fact_at=now)
    made = services.answer(
        scope, check.pk, now=now, answer="ok", fact_at=now, photo=("画面.png", BytesIO(PNG))
    )
    assert made.file is not None
    assert made.file.media_type == "image/png"


def test_bad_input_twice_and_strangers(
    engineer: Person, duty: Any, make_check: Any, province: dict[str, OrgUnit], now: datetime
) -> None:
    scope = factories.scope_of(engineer, now)
    services.answer(scope, duty.pk, now=now, answer="ok", value=20, fact_at=now)
    with pytest.raises(Conflict):
        services.answer(scope, duty.pk, now=now, answer="ok", value=21, fact_at=now)
    with pytest.raises(NotFound):
        services.answer(scope, make_check().pk, now=now, answer="ok", fact_at=now)
    other = factories.scope_of(
        factories.person("other", province["145020"], permissions=["monitoring.run", "monitoring.view"]), now
    )
    with pytest.raises(NotFound):
        services.answer(other, duty.pk, now=now, answer="ok", value=1, fact_at=now)
    assert queries.duties(other, now) == []
    assert ManualAnswer.objects.count() == 1
