"""Storing, opening and cleaning up files (文件的保存、打开与清理)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import IO

from django.db import transaction

from taxops.engines.base import BadInput, Scope, Unavailable
from taxops.platform.audit.services import record
from taxops.platform.identity.models import OrgUnit, Person

from . import purposes, rules, storage
from .models import StoredFile

_GRACE_S = 24 * 3600.0


def store(
    scope: Scope,
    *,
    now: datetime,
    name: str,
    stream: IO[bytes],
    purpose: str = "attachment",
    max_bytes: int | None = None,
    org: OrgUnit | None = None,
) -> StoredFile:
    """Keep an uploaded or made file (保存文件): bytes first, safely on disk, then the row.

    Args:
        max_bytes: a smaller limit than the purpose's own.
        org: whose file it is; the uploader's organisation by default.

    Raises:
        NotFound: no such purpose.
        TooLarge: more bytes than allowed; found before everything is read.
        BadInput: empty, a programme, a web page, or not what the purpose takes.
        Unavailable: the disk does not take it.
    """
    use = purposes.get(purpose)
    name = rules.safe_name(name)
    limit = min(use.max_bytes, max_bytes or use.max_bytes)
    with storage.drafting(stream, name, limit) as draft:
        media_type = rules.sniff(draft.head, draft.whole())
        rules.check(name, media_type, draft.size, use)
        person = None
        if scope.actor_id is not None:
            person = Person.objects.select_related("org").get(pk=scope.actor_id)
        home = org or (person.org if person else None)
        with transaction.atomic():
            file = StoredFile.objects.create(
                name=name,
                size=draft.size,
                sm3=draft.sm3,
                media_type=media_type,
                purpose=use.code,
                org=home,
                uploaded_by=person,
                uploaded_at=now,
            )
            storage.keep(draft)
            record(
                scope,
                now=now,
                action="file.store",
                kind="file",
                object_id=file.pk,
                label=name,
                after={"size": draft.size, "sm3": draft.sm3, "purpose": use.code},
                org_path=home.path if home else "",
            )
    return file


def open_stream(file: StoredFile, *, verify: bool = True) -> IO[bytes]:
    """Return the file's bytes to read; the caller closes them.

    Args:
        verify: read everything once and compare the digest with the row; the size is always compared.

    Raises:
        Unavailable: the bytes are missing or are not what was stored.
    """
    try:
        stream = storage.place(file.sm3).open("rb")
    except OSError as error:
        raise Unavailable(
            f"文件「{file.name}」的内容已不在磁盘上。", "请联系管理员从备份恢复文件目录。"
        ) from error
    try:
        size = stream.seek(0, 2)
        stream.seek(0)
        if size != file.size or (verify and storage.digest_of(stream) != file.sm3):
            raise Unavailable(
                f"文件「{file.name}」的内容与保存时不一致，已拒绝打开。",
                "文件可能损坏或被改动；请联系管理员核查并从备份恢复。",
            )
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    return stream


def verify_all() -> Iterator[StoredFile]:
    """Yield every file whose bytes are missing or changed (文件核验)."""
    for file in StoredFile.objects.order_by("pk").iterator():
        try:
            open_stream(file).close()
        except Unavailable:
            yield file


def remove(scope: Scope, *, now: datetime, file: StoredFile) -> None:
    """Forget a file (删除文件); its bytes go with the next cleaning when no other row needs them.

    Raises:
        NotPermitted: it is neither the person's own nor within `files.view`.
    """
    path = file.org.path if file.org else ""
    if scope.actor_id is None or file.uploaded_by_id != scope.actor_id:
        scope.require("files.view", path)
    with transaction.atomic():
        label, before = file.name, {"size": file.size, "sm3": file.sm3, "purpose": file.purpose}
        file_id = file.pk
        file.delete()
        record(
            scope, now=now, action="file.remove", kind="file", object_id=file_id, label=label,
            before=before, org_path=path,
        )  # fmt: skip


def clean(*, grace_s: float = _GRACE_S) -> tuple[int, int]:
    """Remove bytes that no row names and drafts of broken uploads, both older than the grace period.

    Returns:
        How many sets of bytes and how many drafts were removed.

    Raises:
        BadInput: the grace period is shorter than an upload may take.
    """
    if grace_s < 60:
        raise BadInput("清理宽限期过短。", "至少 60 秒，否则会删除正在保存的文件。")
    removed = 0
    old = storage.stored_before(grace_s)
    while batch := list(islice(old, 500)):
        known = set(StoredFile.objects.filter(sm3__in=batch).values_list("sm3", flat=True))
        removed += sum(storage.forget(sm3, grace_s) for sm3 in batch if sm3 not in known)
    return removed, storage.drop_drafts(grace_s)
