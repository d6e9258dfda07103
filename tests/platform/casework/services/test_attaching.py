"""Attachments: kept, counted, refused when too large."""

from __future__ import annotations

from io import BytesIO, RawIOBase

import pytest

from taxops.engines.base import NotFound, NotPermitted, TooLarge
from taxops.platform.casework import queries, services
from taxops.platform.casework.models import CaseAttachment
from taxops.platform.files.models import StoredFile
from tests.platform.casework.conftest import Desk

pytestmark = pytest.mark.same_everywhere


class Endless(RawIOBase):
    """Two hundred megabytes that are never in memory."""

    left = 200 * 1024 * 1024

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = min(self.left, 65536 if size < 0 else size)
        self.left -= size
        return b"a" * size


def test_a_file_belongs_to_the_case(desk: Desk) -> None:
    case = desk.opened()
    made = services.attach(
        desk.scope(desk.ann),
        now=desk.now,
        case_id=case.pk,
        name="日志.txt",
        stream=BytesIO(b"error"),
        label="日志",
    )
    assert [a.pk for a in queries.attachments(case)] == [made.pk]
    case.refresh_from_db()
    assert queries.view(desk.scope(desk.ann), case, desk.now).folded.attachments == 1
    with pytest.raises(NotPermitted):
        services.detach(desk.scope(desk.ben), now=desk.now, case_id=case.pk, attachment_id=made.pk)
    services.detach(desk.scope(desk.ann), now=desk.now, case_id=case.pk, attachment_id=made.pk)
    assert queries.attachments(case) == []
    assert StoredFile.objects.filter(pk=made.file_id).exists()


def test_two_hundred_megabytes_are_refused_and_leave_nothing(desk: Desk) -> None:
    case = desk.opened()
    stream = Endless()
    with pytest.raises(TooLarge):
        services.attach(desk.scope(desk.ann), now=desk.now, case_id=case.pk, name="大.log", stream=stream)  # type: ignore[arg-type]
    assert stream.left > 0, "it was not read to the end"
    assert not CaseAttachment.objects.exists()
    assert not StoredFile.objects.exists()
    case.refresh_from_db()
    assert case.version == 1


def test_a_stranger_attaches_nothing(desk: Desk) -> None:
    case = desk.opened()
    with pytest.raises(NotFound):
        services.attach(
            desk.scope(desk.stranger), now=desk.now, case_id=case.pk, name="a.txt", stream=BytesIO(b"x")
        )
    assert not StoredFile.objects.exists()
