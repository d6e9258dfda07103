"""Kind `oslog` (日志): new lines since the last look: how many, how many match, how long it has been silent.

The place is kept as inode, offset and a fingerprint of the file's beginning, so that rotation by renaming
(the rest of the old file is read too), by copying and truncating, and a restart of the prober are all seen.
"""

from __future__ import annotations

import hashlib
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.conditions.patterns import Pattern, Refused

from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .log_sources import LocalLog, LogSource, RemoteLog
from .ssh import SSH_PARAMS, SshPlace, logged_in, ssh_place

_LINE = 64 * 1024
_PIECE = 1 << 20
_PRINT = 256
_KEPT_LINES = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """Which file and what to look for (日志检查计划)."""

    path: str
    place: SshPlace | None
    pattern: Pattern | None
    ignore: Pattern | None
    encoding: str
    from_start: bool
    most_bytes: int
    missing_ok: bool
    check_id: int


def _pattern(text: str, field: str) -> Pattern | None:
    if not text:
        return None
    try:
        return Pattern(text)
    except Refused as error:
        raise BadInput(str(error), field=field) from error


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the path, the host or a pattern cannot be used.
    """
    params = wanted.params
    path = wanted.target
    if not path.startswith("/") or "\n" in path or "\0" in path:
        raise BadInput(f"日志文件「{path[:80]}」应是以 / 开头的绝对路径。", field="target")
    place = ssh_place(params["host"], params, field="host") if params["host"] else None
    return Plan(
        path=path,
        place=place,
        pattern=_pattern(params["pattern"] or "", "pattern"),
        ignore=_pattern(params["ignore"] or "", "ignore"),
        encoding=params["encoding"],
        from_start=params["from_start"],
        most_bytes=params["most_mib"] * 1024 * 1024,
        missing_ok=params["missing_ok"],
        check_id=wanted.check_id,
    )


def decode(line: bytes, encoding: str) -> str:
    """Return a line as text; `auto` tries UTF-8, then GB 18030."""
    if encoding != "auto":
        return line.decode(encoding, "replace")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace")


@dataclass(slots=True)
class Count:
    """What was found in new lines (日志计数)."""

    lines: int = 0
    matches: int = 0
    size: int = 0
    samples: list[str] | None = None

    def take(self, line: bytes, plan: Plan) -> None:
        """Count one line."""
        self.lines += 1
        if plan.pattern is None:
            return
        text = decode(line.rstrip(b"\r\n"), plan.encoding)
        if plan.pattern.search(text) and not (plan.ignore is not None and plan.ignore.search(text)):
            self.matches += 1
            kept = self.samples = self.samples if self.samples is not None else []
            kept.append(text[:500])
            del kept[:-_KEPT_LINES]


async def read_lines(source: LogSource, place: dict[str, Any], size: int, plan: Plan, count: Count) -> None:
    """Count whole lines from the kept offset on and move it; a line beyond 64 KiB is counted by its beginning."""
    while place["offset"] < size and count.size < plan.most_bytes:
        data = await source.read(place["offset"], min(_PIECE, size - place["offset"]))
        if not data:
            return
        used = 0
        while True:
            end = data.find(b"\n", used)
            if end < 0:
                break
            if place.get("inside"):  # the rest of a line that was counted already
                place["inside"] = False
            else:
                count.take(data[used : min(end, used + _LINE)], plan)
            used = end + 1
        rest = len(data) - used
        if rest >= _LINE:
            if not place.get("inside"):
                count.take(data[used : used + _LINE], plan)
                place["inside"] = True
            used = len(data)
        place["offset"] += used
        count.size += used
        if not used:
            return  # the last line is not finished: it is read when it is


async def _print_of(source: LogSource, size: int) -> tuple[str, int]:
    """Return a fingerprint of the file's beginning and how many bytes it covers."""
    length = min(size, _PRINT)
    head = await source.read(0, length) if length else b""
    return hashlib.blake2b(head, digest_size=8).hexdigest(), len(head)


async def _follow(
    source: LogSource, place: dict[str, Any], plan: Plan, count: Count
) -> dict[str, Any] | None:
    """Bring the place up to date and count; return it, or None when there is no file."""
    status = await source.status()
    if status is None:
        return None
    if not place:
        start = 0 if plan.from_start else status.size
        place = {"inode": status.inode, "offset": start, "inside": False}
    elif await _is_other(source, place, status.inode, status.size):
        old = await source.rotated(place["inode"]) if place["inode"] != status.inode else None
        old_status = await old.status() if old is not None else None
        if old is not None and old_status is not None:
            await read_lines(old, place, old_status.size, plan, count)
        place = {"inode": status.inode, "offset": 0, "inside": False}
    await read_lines(source, place, status.size, plan, count)
    place["print"], place["printed"] = await _print_of(source, status.size)
    place["behind"] = status.size - place["offset"]
    return place


async def _is_other(source: LogSource, place: dict[str, Any], inode: int, size: int) -> bool:
    """Test whether the path names another file than the one we were in: renamed, truncated, or inode reused."""
    if inode != place["inode"] or size < place["offset"]:
        return True
    printed = int(place.get("printed", 0))
    if not printed:
        return False
    head = await source.read(0, printed)
    return hashlib.blake2b(head, digest_size=8).hexdigest() != place.get("print")


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Read what is new and return the counts.

    Raises:
        Failed: the file cannot be read.
    """
    attempt.doing = "读取日志"
    tools, memory = attempt.tools, attempt.memory
    if "log" not in memory:
        memory["log"] = tools.recall(plan.check_id) if tools.recall is not None and plan.check_id else {}
    kept: dict[str, Any] = dict(memory["log"])
    count = Count()
    async with AsyncExitStack() as stack:
        source: LogSource = LocalLog(Path(plan.path))
        if plan.place is not None:
            connection = await stack.enter_async_context(logged_in(attempt, plan.place))
            source = RemoteLog(attempt, connection, plan.path)
        place = await _follow(source, dict(kept.get("place") or {}), plan, count)
    now_ms = attempt.wall_ms
    last_look, last_line = kept.get("look_ms"), kept.get("line_ms", now_ms)
    if count.lines or "line_ms" not in kept:
        last_line = now_ms
    if place is not None:
        kept = {"place": place, "look_ms": now_ms, "line_ms": last_line}
        memory["log"] = kept
        if tools.keep is not None and plan.check_id:
            tools.keep(plan.check_id, kept)
    seconds = (now_ms - last_look) / 1000 if last_look is not None else 0.0
    facts: dict[str, Any] = {
        "exists": place is not None,
        "lines": count.lines,
        "matches": count.matches,
        "bytes": count.size,
        "lines_per_s": count.lines / seconds if seconds > 0 else 0.0,
        "matches_per_s": count.matches / seconds if seconds > 0 else 0.0,
        "silent_s": (now_ms - last_line) / 1000,
        "behind": place["behind"] if place is not None else 0,
        "last_match": count.samples[-1] if count.samples else "",
        "duration_ms": (attempt.clock() - attempt.began) * 1000,
    }
    problem = "" if place is not None or plan.missing_ok else f"日志文件 {plan.path} 不存在。"
    shown = f"新增 {count.lines} 行"
    if plan.pattern is not None:
        shown += f"，其中 {count.matches} 行匹配"
        if count.samples:
            shown += f"，最后一条：{count.samples[-1][:120]}"
    return Finding(
        facts,
        shown,
        {name: round(float(facts[name]), 3) for name in ("lines", "matches", "bytes", "silent_s", "behind")},
        problem,
        lambda: {"matches": count.samples or [], "offset": place and place["offset"], "size": count.size},
    )


KIND = Kind(
    name="oslog",
    title="日志",
    help="跟踪日志文件的新增内容：匹配的行数、速度与静默时间；支持轮转、GBK 编码，以及经 SSH 读取。",
    target_label="日志文件",
    target_help="绝对路径，例如 /var/log/messages。",
    params=(
        Param("pattern", "匹配", help="正则表达式，例如 ERROR|OutOfMemory|磁盘已满。"),
        Param("ignore", "忽略", help="同时匹配这个正则表达式的行不计。"),
        Param(
            "encoding",
            "编码",
            ParamType.CHOICE,
            "auto",
            choices=(
                ("auto", "自动"),
                ("utf-8", "UTF-8"),
                ("gb18030", "GBK / GB 18030"),
                ("latin-1", "Latin-1"),
            ),
        ),
        Param("from_start", "首次从头读起", ParamType.BOOLEAN, False),
        Param("missing_ok", "文件可以不存在", ParamType.BOOLEAN, False),
        Param("most_mib", "每次最多读取 MiB", ParamType.INTEGER, 8, least=1, most=256),
        Param("host", "远程主机", help="填写后经 SSH 读取该主机上的文件，例如 10.1.2.3:22。"),
        *SSH_PARAMS,
    ),
    facts=(
        Fact("matches", "新增的匹配行数", "行"),
        Fact("lines", "新增行数", "行"),
        Fact("bytes", "新增字节数", "字节"),
        Fact("lines_per_s", "新增行的速度", "行/秒"),
        Fact("matches_per_s", "匹配行的速度", "行/秒"),
        Fact("silent_s", "距最后一次有新行的时间", "秒"),
        Fact("behind", "尚未读到的字节数", "字节"),
        Fact("last_match", "最后一条匹配的行"),
        Fact("exists", "文件是否存在"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("matches == 0",),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
    verified_against="Debian 12 本机文件、进程内 SSH 服务",
)
