"""Bytes on disk under their digest (按摘要存放): written aside, synced, then moved into place."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives import hashes
from django.conf import settings

from taxops.engines.base import TooLarge, Unavailable

from .rules import HEAD

_CHUNK = 256 * 1024
_NAME = re.compile(r"[0-9a-f]{64}")
_LOOK_INSIDE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """Bytes written aside (暂存), not yet kept."""

    path: Path
    sm3: str
    size: int
    head: bytes

    def whole(self) -> bytes | None:
        """Return all bytes when they are few enough to look into."""
        return self.path.read_bytes() if self.size <= _LOOK_INSIDE else None


def root() -> Path:
    """Return the folder that holds all bytes."""
    return Path(settings.MEDIA_ROOT)


def place(sm3: str) -> Path:
    """Return where the bytes with this digest lie.

    Raises:
        ValueError: the text is not a digest.
    """
    if not _NAME.fullmatch(sm3):
        raise ValueError("not a digest")
    return root() / sm3[:2] / sm3[2:4] / sm3


@contextlib.contextmanager
def drafting(stream: IO[bytes], name: str, max_bytes: int) -> Iterator[Draft]:
    """Write a stream aside and yield what it was; the draft is gone afterwards unless it was kept.

    Raises:
        TooLarge: the stream goes on after `max_bytes`; no more than a chunk above it is read.
        Unavailable: the disk does not take it.
    """
    folder = root() / "drafts"
    path = folder / secrets.token_hex(16)
    digest, size, head = hashes.Hash(hashes.SM3()), 0, b""
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                while chunk := stream.read(min(_CHUNK, max_bytes + 1 - size)):
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooLarge(
                            f"文件「{name}」超过 {_words(max_bytes)}，没有保存。", "请压缩或拆分后再上传。"
                        )
                    if len(head) < HEAD:
                        head = (head + chunk)[:HEAD]
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise Unavailable(
                f"文件「{name}」没有保存：{error.strerror or '磁盘不可用'}。",
                "请联系管理员检查文件目录的空间与权限。",
            ) from error
        yield Draft(path, digest.finalize().hex(), size, head)
    finally:
        with contextlib.suppress(OSError):  # kept, never made, or left to the cleaning job
            path.unlink()


def keep(draft: Draft) -> None:
    """Move a draft to its place and make sure that it survives a power cut.

    An equal file there is replaced by its equal: that repairs damage, and its fresh time keeps the
    cleaning job away.

    Raises:
        Unavailable: the disk does not take it.
    """
    target = place(draft.sm3)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.path.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Unavailable(
            f"文件没有保存：{error.strerror or '磁盘不可用'}。", "请联系管理员检查文件目录的空间与权限。"
        ) from error


def digest_of(stream: IO[bytes]) -> str:
    """Return the SM3 digest of a stream, read in pieces."""
    digest = hashes.Hash(hashes.SM3())
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest.finalize().hex()


def _words(size: int) -> str:
    return f"{size / 1024 / 1024:g} MB" if size >= 1024 * 1024 else f"{size / 1024:g} KB"


def stored_before(seconds: float) -> Iterator[str]:
    """Yield the digests of the bytes on disk that were stored more than that long ago."""
    limit = time.time() - seconds
    for path in root().glob("??/??/*"):
        with contextlib.suppress(FileNotFoundError):  # another cleaner was first
            if _NAME.fullmatch(path.name) and path.stat().st_mtime < limit:
                yield path.name


def forget(sm3: str, seconds: float) -> bool:
    """Remove bytes nobody needs, unless they were stored again in the last `seconds`.

    The file is moved away first and looked at again, so that a store that happens meanwhile is safe.
    """
    path, aside = place(sm3), root() / "drafts" / f"{sm3}.{secrets.token_hex(4)}"
    try:
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.rename(aside)
    except FileNotFoundError:
        return False
    if aside.stat().st_mtime >= time.time() - seconds:
        with contextlib.suppress(FileExistsError):  # stored once more: just as good
            os.link(aside, path)
        aside.unlink()
        return False
    aside.unlink()
    return True


def drop_drafts(seconds: float) -> int:
    """Remove what broken uploads left behind; return how many."""
    limit, count = time.time() - seconds, 0
    for path in (root() / "drafts").glob("*"):
        with contextlib.suppress(FileNotFoundError):  # another cleaner was first
            if path.stat().st_mtime < limit:
                path.unlink()
                count += 1
    return count
