"""Publishing waits for the commit and never undoes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from taxops.engines.base import Unavailable
from taxops.platform.live import queries, services, stores
from taxops.platform.live.models import LiveEvent

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_is_told_after_the_commit_and_not_without_one() -> None:
    with transaction.atomic():
        services.publish("t.a@100/200/", {"n": 1}, key="k")
        assert not LiveEvent.objects.exists()
    event = LiveEvent.objects.get()
    assert (event.topic, event.path, event.key) == ("t.a", "100/200/", "k")
    assert event.payload == '{"n":1,"key":"k","path":"100/200/"}'
    assert queries.position() == str(event.pk)

    def failing() -> None:
        with transaction.atomic():
            services.publish("t.a", {"n": 2})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert LiveEvent.objects.count() == 1


def test_many_are_one_write(django_assert_num_queries: Any) -> None:
    services.publish_many([])
    services.publish_many([("t", {"n": n}, "") for n in range(100)])
    assert LiveEvent.objects.count() == 100


def test_a_store_that_is_down_does_not_undo_the_business(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Down:
        def append(self, drafts: object) -> None:
            raise Unavailable("推送不可用。")

    monkeypatch.setattr(stores, "current", Down)
    with transaction.atomic():
        services.publish("t", {})
    assert "推送不可用" in caplog.text


def test_too_much_is_refused_before_anything_is_stored() -> None:
    with pytest.raises(ValueError, match="bytes"):
        services.publish("t", {"text": "x" * 20_000})
    with pytest.raises(TypeError):
        services.publish("t", {"x": object()})
