"""Rows by plain SQL are what Django's models would have written, and come back as they were given."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import models, transaction
from django.db.utils import IntegrityError

from taxops.platform.identity.models import OrgUnit
from taxops.platform.live.models import LiveEvent
from taxops.platform.notify.models import Notice
from taxops.platform.rows import Bundle, Table, among, ask, do, instant_of, json_of, moment, plain
from taxops.systems.operations.alerting.models import Alert, AlertEvent, AlertGroup
from tests import factories

pytestmark = pytest.mark.django_db

CHINA = timezone(timedelta(hours=8))
NASTY = "引号'\"、百分号%s%、反斜线\\、换行\n、空\u3000字"


@pytest.fixture
def top() -> OrgUnit:
    """Return an organisation."""
    return factories.org("145000")


def alert(top: OrgUnit, now: datetime, key: str) -> Alert:
    """Return an alert that is not saved."""
    return Alert(
        key=key, fingerprint=key[:16], labels={"system": NASTY, "n": None}, org=top, severity="major", title=NASTY[:40],
        since_at=now.astimezone(CHINA), opened_at=now + timedelta(microseconds=7), last_at=now,
    )  # fmt: skip


def fields_of(row: models.Model) -> dict[str, Any]:
    """Return what a stored row has, without its key."""
    fresh = type(row)._default_manager.get(pk=row.pk)
    names = [f.attname for f in fresh._meta.concrete_fields if not f.primary_key]
    return {name: getattr(fresh, name) for name in names if name not in {"key", "fingerprint"}}


def test_objects_that_are_put_are_those_that_would_have_been_saved(top: OrgUnit, now: datetime) -> None:
    saved, put = alert(top, now, "a"), [alert(top, now, "b"), alert(top, now, "c")]
    saved.save()
    Table(Alert).put(put)
    assert [one.pk for one in put] == sorted(Alert.objects.filter(key__in="bc").values_list("pk", flat=True))
    assert [fields_of(one) for one in put] == [fields_of(saved)] * 2
    put[0].title = "改"
    put[0].save()  # they know that they are stored
    assert Alert.objects.count() == 3
    column = "SELECT {} FROM operations_alert ORDER BY id"
    for name in ("labels", "since_at", "opened_at", "quiet", "group_key"):  # the bytes are the same, too
        assert len({str(value) for (value,) in ask(column.format(f"CAST({name} AS text)"))}) == 1, name


def test_columns_that_are_not_named_have_their_defaults(top: OrgUnit, now: datetime) -> None:
    one = alert(top, now, "a")
    one.save()
    events = Table(AlertEvent, "alert_id", "what", "at")
    ((pk,),) = events.insert([(one.pk, "fired", now)], back=["id"])
    stored = AlertEvent.objects.get(pk=pk)
    assert (stored.who, stored.note, stored.is_taken, stored.at) == ("", "", False, now)


def test_rows_that_are_there_already_are_left_out_or_refused(top: OrgUnit, now: datetime) -> None:
    people = [factories.person(f"p{n}", top).pk for n in range(2)]
    notices = Table(Notice, "person_id", "key", "severity", "title", "body", "link", "told_at")
    rows = [(pk, "k", "info", NASTY, NASTY, "/", now) for pk in people]
    assert notices.insert(rows[:1], back=["person_id"], once=True) == [(people[0],)]
    assert notices.insert(rows, back=["person_id", "key"], once=True) == [(people[1], "k")]
    assert notices.insert([], back=["id"]) == []
    assert {(n.title, n.body, n.told_at) for n in Notice.objects.all()} == {(NASTY, NASTY, now)}
    with pytest.raises(IntegrityError):
        notices.insert(rows)


def test_a_row_with_the_same_key_is_written_over() -> None:
    groups = Table(AlertGroup, "key", "route", "count", "is_over", "turn")
    groups.upsert([("甲", "1", 1, False, 1), ("乙", "1", 1, False, 1)], key=["key"])
    groups.upsert([("乙", "2", 5, True, 9), ("丙", "2", 5, True, 9)], key=["key"])
    found = list(AlertGroup.objects.order_by("pk").values_list("key", "route", "count", "is_over", "turn"))
    assert found == [("甲", "1", 1, False, 1), ("乙", "2", 5, True, 9), ("丙", "2", 5, True, 9)]


def test_more_rows_than_one_statement_takes(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_MOST_VALUES", 10)
    events = Table(LiveEvent, "topic", "path", "key", "payload", "at")
    keys = events.insert([("t", "", str(n), "{}", now) for n in range(5)], back=["id", "key"])
    assert [key for _, key in keys] == ["0", "1", "2", "3", "4"]
    events.insert(("t", "", str(n), "{}", now) for n in range(5, 10))
    assert list(LiveEvent.objects.order_by("pk").values_list("key", flat=True)) == [str(n) for n in range(10)]


def test_questions_take_any_number_of_values_and_answers_become_values(top: OrgUnit, now: datetime) -> None:
    Table(Alert).put([alert(top, now, name) for name in ("a", NASTY, "c")])
    these, keys = among("key", {"a", NASTY, "不在"})
    found = ask(f"SELECT key, labels, since_at, resolved_at FROM operations_alert WHERE {these}", [keys])
    assert {key for key, *_ in found} == {"a", NASTY}
    _, labels, since, resolved = found[0]
    assert (json_of(labels), instant_of(since), instant_of(resolved)) == (
        {"system": NASTY, "n": None},
        now,
        None,
    )
    nothing, none = among("id", [])
    assert ask(f"SELECT id FROM operations_alert WHERE {nothing}", [none]) == []
    later = [moment(now + timedelta(hours=1)), moment(now.astimezone(CHINA))]
    assert do("UPDATE operations_alert SET resolved_at = %s WHERE since_at = %s", later) == 3
    assert set(Alert.objects.values_list("resolved_at", flat=True)) == {now + timedelta(hours=1)}
    ((newest,),) = ask("SELECT MAX(resolved_at) FROM operations_alert")  # SQLite knows no type of this
    assert instant_of(newest) == now + timedelta(hours=1)


@pytest.mark.same_everywhere
def test_what_plain_rows_cannot_do_is_said() -> None:
    with pytest.raises(ValueError, match="1 is no instant"):
        instant_of(1)

    class Ticket(models.Model):
        """A thing (票)."""

        made = models.DateTimeField(auto_now_add=True)

        class Meta:
            app_label = "planted"

    with pytest.raises(TypeError, match="fills itself in"):
        Table(Ticket).insert([(1,)])


def test_a_bundle_is_carried_out_in_order_or_not_at_all(now: datetime) -> None:
    events, groups = (
        Table(LiveEvent, "topic", "path", "key", "payload", "at"),
        Table(AlertGroup, "key", "turn"),
    )
    with Bundle() as bundle:
        events.insert([("t", "", NASTY, "{}", now), ("t", "", "%", "{}", now)], into=bundle)
        groups.upsert([("甲", 1)], key=["key"], into=bundle)
        groups.upsert([("甲", 2)], key=["key"], into=bundle)
        do("UPDATE operations_alertgroup SET turn = turn * %s WHERE key = %s", [10, "甲"], into=bundle)
        ((pk,),) = groups.insert([("乙", 7)], back=["id"], into=bundle)  # what is to come back does not wait
        assert AlertGroup.objects.get(pk=pk).turn == 7
    assert list(LiveEvent.objects.order_by("pk").values_list("key", flat=True)) == [NASTY, "%"]
    assert dict(AlertGroup.objects.values_list("key", "turn")) == {"甲": 20, "乙": 7}
    with Bundle():
        pass

    def fails() -> None:
        with transaction.atomic(), Bundle() as bundle:
            groups.insert([("丙", 1)], into=bundle)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert not AlertGroup.objects.filter(key="丙").exists()
