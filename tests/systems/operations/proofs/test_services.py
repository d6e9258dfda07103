"""Confirming a kind: who, when, against which version; taken back, never lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.proofs import queries, services
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]


def test_a_confirmation_removes_the_mark_until_it_is_taken_back(engineer: Person, now: datetime) -> None:
    scope = factories.scope_of(engineer, now)
    before = queries.get_kind("ogg")
    assert not before.is_proven
    assert before.words.startswith("从未对真实系统验证（自动测试用替身：")
    services.confirm(scope, "ogg", now=now, against="OGG 21.3", note="与 info all 逐行对照，一致")
    after = queries.get_kind("ogg")
    assert after.is_proven
    assert after.local is not None
    assert (after.local.confirmed_by_id, after.local.confirmed_at) == (engineer.pk, now)
    assert "OGG 21.3" in after.words
    services.withdraw(scope, "ogg", now=now + timedelta(days=1))
    assert not queries.get_kind("ogg").is_proven
    assert len(queries.history("ogg")) == 1
    with pytest.raises(Conflict):
        services.withdraw(scope, "ogg", now=now)


@pytest.mark.parametrize(
    ("kind", "against", "note", "error"),
    [
        ("nothing", "x", "对照一致", NotFound),
        ("manual", "x", "对照一致", Conflict),
        ("es", " ", "对照一致", BadInput),
        ("es", "ES 8", "好", BadInput),
    ],
)
def test_half_a_confirmation_is_none(
    root: Scope, now: datetime, kind: str, against: str, note: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        services.confirm(root, kind, now=now, against=against, note=note)
    assert queries.history(kind) == []


def test_a_reader_confirms_nothing(province: dict[str, OrgUnit], now: datetime) -> None:
    reader = factories.person("reader", province["145000"], permissions=["monitoring.view"])
    with pytest.raises(NotPermitted):
        services.confirm(factories.scope_of(reader, now), "es", now=now, against="ES 8", note="对照一致")
