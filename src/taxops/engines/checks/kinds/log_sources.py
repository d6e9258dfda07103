"""Where log lines come from (日志来源): a file of this machine or one behind SSH, read by offset."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from taxops.engines.checks.wire import Failed

from .declaration import SideAttempt
from .ssh import command
from .threads import in_thread


@dataclass(frozen=True, slots=True)
class Status:
    """Which file it is and how long (文件状态)."""

    inode: int
    size: int


class LogSource(Protocol):
    """What reading a log file takes (日志文件)."""

    async def status(self) -> Status | None:
        """Return inode and size; None when there is no such file."""
        ...

    async def read(self, offset: int, most: int) -> bytes:
        """Return at most `most` bytes from `offset`."""
        ...

    async def rotated(self, inode: int) -> LogSource | None:
        """Return the file that has this inode now, in the same folder, after a rotation."""
        ...


def _refusal(path: str, error: OSError) -> Failed:
    return Failed(f"日志文件 {path} 读取失败：{error.strerror or error}。")


@dataclass(frozen=True, slots=True)
class LocalLog:
    """A file of this machine (本机日志)."""

    path: Path

    async def status(self) -> Status | None:
        """Return inode and size; None when there is no such file.

        Raises:
            Failed: it may not be looked at, or is no file.
        """

        def look() -> Status | None:
            try:
                found = self.path.stat()
            except FileNotFoundError:
                return None
            except OSError as error:
                raise _refusal(str(self.path), error) from error
            if not self.path.is_file():
                raise Failed(f"{self.path} 不是普通文件。")
            return Status(found.st_ino, found.st_size)

        return await in_thread(look)

    async def read(self, offset: int, most: int) -> bytes:
        """Return at most `most` bytes from `offset`.

        Raises:
            Failed: it may not be read.
        """

        def take() -> bytes:
            try:
                with self.path.open("rb") as file:
                    file.seek(offset)
                    return file.read(most)
            except OSError as error:
                raise _refusal(str(self.path), error) from error

        return await in_thread(take)

    async def rotated(self, inode: int) -> LogSource | None:
        """Return the file of the same folder that has this inode now."""

        def find() -> Path | None:
            try:
                for entry in self.path.parent.iterdir():
                    if entry.name.startswith(self.path.name.split(".")[0]) and entry.stat().st_ino == inode:
                        return None if entry.suffix in {".gz", ".xz", ".bz2", ".zst"} else entry
            except OSError:  # the folder may not be listed: the rest of the old file is given up
                return None
            return None

        found = await in_thread(find)
        return LocalLog(found) if found is not None else None


@dataclass(frozen=True, slots=True)
class RemoteLog:
    """A file behind an SSH connection (远程日志)."""

    attempt: SideAttempt
    connection: Any
    path: str

    async def _run(self, text: str, most: int = 1 << 16) -> tuple[int, bytes, str]:
        return await command(self.attempt, self.connection, text, most=most)

    async def status(self) -> Status | None:
        """Return inode and size; None when there is no such file.

        Raises:
            Failed: it may not be looked at.
        """
        path = shlex.quote(self.path)
        code, output, complaints = await self._run(
            f"test -e {path} || exit 44; LC_ALL=C stat -L -c '%i %s' -- {path}"
        )
        if code == 44:
            return None
        words = output.split()
        if code != 0 or len(words) != 2 or not all(word.isdigit() for word in words):
            raise Failed(f"远程日志 {self.path} 读取失败：{complaints[:120] or '权限不足或不是普通文件'}。")
        return Status(int(words[0]), int(words[1]))

    async def read(self, offset: int, most: int) -> bytes:
        """Return at most `most` bytes from `offset`.

        Raises:
            Failed: it may not be read.
        """
        text = f"tail -c +{offset + 1} -- {shlex.quote(self.path)} | head -c {most}"
        _, output, complaints = await self._run(text, most + 1)
        if not output and complaints:
            raise Failed(f"远程日志 {self.path} 读取失败：{complaints[:120]}。")
        return output[:most]

    async def rotated(self, inode: int) -> LogSource | None:
        """Return the file of the same folder that has this inode now."""
        folder = shlex.quote(self.path.rsplit("/", 1)[0] or "/")
        _, output, _ = await self._run(f"find {folder} -maxdepth 1 -inum {inode} -print 2>/dev/null")
        found = output.decode("utf-8", "replace").split("\n", 1)[0]
        if not found or found.endswith((".gz", ".xz", ".bz2", ".zst")):
            return None
        return RemoteLog(self.attempt, self.connection, found)
