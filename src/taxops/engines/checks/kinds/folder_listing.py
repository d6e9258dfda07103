"""What lies in a folder (文件清单): names, sizes and times, of this machine or over SSH."""

from __future__ import annotations

import fnmatch
import os
import shlex
import stat
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.wire import Failed

from .declaration import Param, SideAttempt
from .ssh import SSH_PARAMS, SshPlace, command, logged_in, ssh_place
from .threads import in_thread

MOST_FILES = 200_000
_SAID = 16 * 1024 * 1024
_WILD = frozenset("*?[")
PLACE_PARAMS = (
    Param("host", "远程主机", help="填写后经 SSH 查看该主机上的文件，例如 10.1.2.3:22。"),
    *SSH_PARAMS,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which folder and which names in it (文件位置)."""

    folder: str
    pattern: str
    ssh: SshPlace | None

    @property
    def path(self) -> str:
        """The whole path as it was given."""
        return f"{self.folder.rstrip('/')}/{self.pattern}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One file (文件)."""

    name: str
    size: int
    modified: float


@dataclass(frozen=True, slots=True)
class Listing:
    """The files found, newest first, and what time it is where they lie (文件清单)."""

    files: tuple[Seen, ...]
    now: float


def place_of(target: str, params: Mapping[str, Any]) -> Place:
    """Return the place of an absolute path whose last part may be a pattern.

    Raises:
        BadInput: the path or the host cannot be used.
    """
    if not target.startswith("/") or any(ord(char) < 32 for char in target) or target.endswith("/"):
        raise BadInput(
            f"「{target[:80]}」应是绝对路径，最后一段是文件名或通配符。",
            "例如 /data/out/*.csv；查看文件夹中的全部文件请写 /data/out/*。",
            field="target",
        )
    folder, _, pattern = target.rpartition("/")
    if _WILD & set(folder):
        raise BadInput("通配符只能写在路径的最后一段。", "例如 /data/out/*.csv。", field="target")
    ssh = ssh_place(params["host"], params, field="host") if params["host"] else None
    return Place(folder or "/", pattern, ssh)


def _local(place: Place) -> tuple[Seen, ...]:
    if not _WILD & set(place.pattern):
        try:
            found = Path(place.folder, place.pattern).stat()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise Failed(f"{place.path} 读取失败：{error.strerror}。") from error
        if not stat.S_ISREG(found.st_mode):
            raise Failed(f"{place.path} 不是普通文件。")
        return (Seen(place.pattern, found.st_size, found.st_mtime),)
    files = []
    try:
        with os.scandir(place.folder) as entries:
            for entry in entries:
                if not fnmatch.fnmatchcase(entry.name, place.pattern):
                    continue
                try:
                    found = entry.stat()
                except OSError:
                    continue  # it went away between listing and looking, as files in exchange folders do
                if stat.S_ISREG(found.st_mode):
                    files.append(Seen(entry.name, found.st_size, found.st_mtime))
                if len(files) > MOST_FILES:
                    raise Failed(f"文件夹 {place.folder} 中的文件超过 {MOST_FILES} 个。")
    except FileNotFoundError as error:
        raise Failed(f"文件夹 {place.folder} 不存在。") from error
    except OSError as error:
        raise Failed(f"文件夹 {place.folder} 读取失败：{error.strerror}。") from error
    return tuple(files)


def remote_command(place: Place) -> str:
    """Return a read-only shell command that lists the files with NUL between them."""
    folder = shlex.quote(place.folder)
    if _WILD & set(place.pattern):
        name = f"-mindepth 1 -maxdepth 1 -name {shlex.quote(place.pattern)}"
        start = folder
    else:
        name, start = "-maxdepth 0", shlex.quote(place.path)
    return (
        f"test -d {folder} || exit 44; date +%s; test -e {start} || exit 0; "
        f"LC_ALL=C find -L {start} {name} -type f -printf '%T@ %s %f\\0'"
    )


def read_remote(output: bytes) -> Listing:
    """Return the files in the output of `remote_command`.

    Raises:
        Failed: it is not what GNU find prints.
    """
    clock, _, rest = output.partition(b"\n")
    try:
        now = float(clock)
        files = []
        for item in rest.split(b"\0"):
            if item:
                modified, size, name = item.split(b" ", 2)
                files.append(Seen(name.decode("utf-8", "replace"), int(size), float(modified)))
    except ValueError as error:
        raise Failed("远程主机返回的文件清单无法识别，需要 GNU find（Linux）。") from error
    return Listing(tuple(files), now)


async def listing(attempt: SideAttempt, place: Place, stack: AsyncExitStack) -> tuple[Listing, Any]:
    """Return the files, newest first, and the SSH connection when there is one (open while `stack` is).

    Raises:
        Failed: no login, no such folder, or no permission.
    """
    attempt.doing = "读取文件清单"
    connection = None
    if place.ssh is None:
        found = Listing(await in_thread(lambda: _local(place)), attempt.wall_ms / 1000)
    else:
        connection = await stack.enter_async_context(logged_in(attempt, place.ssh))
        code, output, complaints = await command(attempt, connection, remote_command(place), most=_SAID)
        if code == 44:
            raise Failed(f"远程文件夹 {place.folder} 不存在。")
        if code != 0 and complaints:
            raise Failed(f"远程文件夹 {place.folder} 读取失败：{complaints[:120]}。")
        found = read_remote(output)
    newest_first = sorted(found.files, key=lambda one: (-one.modified, one.name))
    return Listing(tuple(newest_first), found.now), connection


async def content(
    attempt: SideAttempt, place: Place, name: str, connection: Any, most: int
) -> tuple[bytes, bool]:
    """Return at most `most` bytes of a file in the folder, and whether there was more.

    Raises:
        Failed: it cannot be read.
    """
    path = f"{place.folder.rstrip('/')}/{name}"
    if connection is not None:
        text = f"head -c {most + 1} -- {shlex.quote(path)}"
        _, output, complaints = await command(attempt, connection, text, most=most + 1)
        if not output and complaints:
            raise Failed(f"远程文件 {path} 读取失败：{complaints[:120]}。")
        return output[:most], len(output) > most

    def read() -> bytes:
        try:
            with Path(path).open("rb") as file:
                return file.read(most + 1)
        except OSError as error:
            raise Failed(f"文件 {path} 读取失败：{error.strerror}。") from error

    data = await in_thread(read)
    return data[:most], len(data) > most
