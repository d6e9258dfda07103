"""Bytes are safe before the row is, shared, checked when opened, and cleaned when nobody needs them."""

from __future__ import annotations

import io
import os
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from taxops.engines.base import BadInput, NotFound, NotPermitted, TooLarge, Unavailable
from taxops.engines.crypto import sm3
from taxops.platform.files import purposes, queries, services, storage
from taxops.platform.files.models import StoredFile
from tests.platform.province import Province

pytestmark = pytest.mark.django_db


def on_disk(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


def store(
    province: Province, now: datetime, content: bytes = b"hello", name: str = "说明.txt", **more: Any
) -> StoredFile:
    return services.store(
        more.pop("scope", province.scope()), now=now, name=name, stream=io.BytesIO(content), **more
    )


def test_a_file_comes_back_as_it_went_in(province: Province, now: datetime, media: Path) -> None:
    content = os.urandom(700_000)
    file = store(province, now, content, "数据.bin")
    assert (file.size, file.sm3, file.org, file.uploaded_by) == (
        700_000,
        sm3(content),
        province.here,
        province.clerk,
    )
    assert file.media_type == "application/octet-stream"
    with services.open_stream(file) as stream:
        assert stream.read() == content
    assert [path.name for path in on_disk(media)] == [file.sm3]


def test_equal_bytes_lie_on_disk_once_under_two_names(province: Province, now: datetime, media: Path) -> None:
    first, second = store(province, now), store(province, now, name="另一个.txt")
    assert first.pk != second.pk
    assert len(on_disk(media)) == 1
    services.remove(province.scope(), now=now, file=first)
    os.utime(storage.place(second.sm3), (0, 0))
    assert services.clean() == (0, 0)
    services.remove(province.scope(), now=now, file=second)
    assert services.clean() == (1, 0)
    assert on_disk(media) == []


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"", "a.txt", BadInput),
        (b"MZ\0\0", "a.txt", BadInput),
        (b"x" * 2001, "a.txt", TooLarge),
        (b"<html>", "a.txt", BadInput),
    ],
)
def test_refused_files_leave_nothing(
    province: Province, now: datetime, media: Path, content: bytes, name: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        store(province, now, content, name, max_bytes=2000)
    assert on_disk(media) == []
    assert not StoredFile.objects.exists()


def test_an_endless_upload_is_cut_off_early(province: Province, now: datetime, media: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0
            self.given += size
            return b"\0" * size

    stream: Any = Endless()
    with pytest.raises(TooLarge, match="1 MB"):
        services.store(province.scope(), now=now, name="大.bin", stream=stream, max_bytes=1024 * 1024)
    assert stream.given == 1024 * 1024 + 1
    assert on_disk(media) == []


def test_an_unknown_purpose_is_named(province: Province, now: datetime) -> None:
    with pytest.raises(NotFound, match="文件用途"):
        store(province, now, purpose="nonsense")


def test_a_disk_that_refuses_is_said_in_chinese(province: Province, now: datetime, media: Path) -> None:
    media.write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="没有保存"):
        store(province, now)
    assert not StoredFile.objects.exists()


def test_changed_missing_and_cut_bytes_are_refused(province: Province, now: datetime, media: Path) -> None:
    file = store(province, now, b"0123456789")
    path = storage.place(file.sm3)
    path.write_bytes(b"9876543210")
    with pytest.raises(Unavailable, match="不一致"):
        services.open_stream(file)
    services.open_stream(file, verify=False).close()
    assert list(services.verify_all()) == [file]
    path.write_bytes(b"short")
    with pytest.raises(Unavailable, match="不一致"):
        services.open_stream(file, verify=False)
    path.unlink()
    with pytest.raises(Unavailable, match="不在磁盘上"):
        services.open_stream(file)
    store(province, now, b"0123456789")
    assert list(services.verify_all()) == [], "storing the same bytes again repairs them"


def test_a_neighbour_sees_only_what_is_granted(province: Province, now: datetime) -> None:
    file = store(province, now)
    assert queries.get(province.scope(), file.pk) == file
    with pytest.raises(NotFound, match="没有这个文件"):
        queries.get(province.scope(province.neighbour), file.pk)
    with pytest.raises(NotFound):
        queries.get(province.scope(province.neighbour, files_view=province.there.path), file.pk)
    assert queries.get(province.scope(province.neighbour, files_view=province.root.path), file.pk) == file
    with pytest.raises(NotPermitted):
        services.remove(province.scope(province.neighbour), now=now, file=file)


def test_the_permission_of_the_purpose_opens_its_files(province: Province, now: datetime) -> None:
    purposes.declare(purposes.Purpose("test-trace", "测试", permission="monitoring.view"))
    file = store(province, now, purpose="test-trace")
    other = store(province, now)
    scope = province.scope(province.neighbour, monitoring_view=province.root.path)
    assert [found.pk for found in queries.list_files(scope)] == [file.pk]
    assert other.pk


def test_a_file_stored_again_while_it_is_being_cleaned_survives(
    province: Province, now: datetime, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = store(province, now)
    digest = file.sm3
    services.remove(province.scope(), now=now, file=file)
    os.utime(storage.place(digest), (0, 0))
    forget = storage.forget

    def meanwhile(sm3_: str, seconds: float) -> bool:
        store(province, now, name="又来.txt")
        return forget(sm3_, seconds)

    monkeypatch.setattr(storage, "forget", meanwhile)
    assert services.clean() == (0, 0)
    assert list(services.verify_all()) == []


def test_drafts_of_broken_uploads_are_cleaned(media: Path) -> None:
    (media / "drafts").mkdir(parents=True)
    (media / "drafts" / "torn").write_bytes(b"x")
    assert services.clean() == (0, 0), "it may still be being written"
    os.utime(media / "drafts" / "torn", (0, 0))
    assert services.clean() == (0, 1)
    with pytest.raises(BadInput, match="宽限期"):
        services.clean(grace_s=1)


def test_many_keeping_the_same_bytes_at_once_leave_them_whole(media: Path) -> None:
    failures: list[OSError] = []

    def one() -> None:
        try:
            for _ in range(20):
                with storage.drafting(io.BytesIO(b"same bytes" * 10_000), "a", 10**6) as draft:
                    storage.keep(draft)
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    (path,) = on_disk(media)
    assert sm3(path.read_bytes()) == path.name


def test_a_transaction_that_fails_leaves_no_row(province: Province, now: datetime) -> None:
    def failing() -> None:
        with transaction.atomic():
            store(province, now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert not StoredFile.objects.exists()
