"""Canned answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.systems.operations.desk import services
from taxops.systems.operations.desk.models import CannedAnswer

if TYPE_CHECKING:
    from tests.platform.casework.conftest import Desk


def test_kept_changed_and_taken_out_of_use(desk: Desk) -> None:
    ann, stranger = desk.scope(desk.ann), desk.scope(desk.stranger)
    made = services.save_answer(ann, now=desk.now, title=" 证书 ", body="更换", org_id=desk.org.pk)
    services.save_answer(ann, now=desk.now, pk=made.pk, title="证书", body="到厅更换", org_id=desk.org.pk)
    assert CannedAnswer.objects.get().body == "到厅更换"
    for act in (
        lambda: services.save_answer(
            stranger, now=desk.now, pk=made.pk, title="x", body="x", org_id=desk.other.pk
        ),
        lambda: services.save_answer(stranger, now=desk.now, title="x", body="x", org_id=desk.org.pk),
        lambda: services.archive_answer(stranger, made.pk, now=desk.now),
    ):
        with pytest.raises(NotFound):
            act()  # type: ignore[no-untyped-call]
    services.archive_answer(ann, made.pk, now=desk.now)
    with pytest.raises(NotFound):
        services.archive_answer(ann, made.pk, now=desk.now)


@pytest.mark.parametrize(("title", "body"), [("", "x"), ("长" * 81, "x"), ("x", " "), ("x", "长" * 4001)])
def test_bad_ones_store_nothing(desk: Desk, title: str, body: str) -> None:
    with pytest.raises(BadInput):
        services.save_answer(desk.scope(desk.ann), now=desk.now, title=title, body=body, org_id=desk.org.pk)
    assert not CannedAnswer.objects.exists()
