"""Kind `file` (文件): exists, how old, how large, how many, what stands in it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput, duration_words
from taxops.engines.checks.conditions.patterns import Pattern, Refused

from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .folder_listing import PLACE_PARAMS, Listing, Place, content, listing, place_of
from .json_reading import named
from .oslog_check import decode

_MOST_READ = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """Which files, and what must stand in the newest (文件检查计划)."""

    place: Place
    pattern: Pattern | None
    pattern_text: str
    encoding: str
    missing_ok: bool


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the path or a parameter cannot be used.
    """
    params = wanted.params
    text = params["pattern"] or ""
    pattern = None
    if text:
        try:
            pattern = Pattern(text)
        except Refused as error:
            raise BadInput(f"「应有内容」{error}", field="pattern") from error
    return Plan(place_of(wanted.target, params), pattern, text, params["encoding"], params["missing_ok"])


def file_facts(found: Listing) -> dict[str, Any]:
    """Return what conditions may speak of; ages and sizes only when there is a file."""
    facts: dict[str, Any] = {"exists": bool(found.files), "count": len(found.files)}
    if found.files:
        newest, oldest = found.files[0], found.files[-1]
        facts |= {
            "age_s": found.now - newest.modified,
            "oldest_s": found.now - oldest.modified,
            "size": newest.size,
            "total_size": sum(one.size for one in found.files),
            "empty": sum(1 for one in found.files if one.size == 0),
            "newest": newest.name,
            "oldest": oldest.name,
        }
    return facts


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """List the files, read the newest where wanted, and return what was seen.

    Raises:
        Failed: no login, no such folder, or no permission.
    """
    async with AsyncExitStack() as stack:
        found, connection = await listing(attempt, plan.place, stack)
        facts = file_facts(found)
        if plan.pattern is not None and found.files:
            newest = found.files[0].name
            data, cut = await content(attempt, plan.place, newest, connection, _MOST_READ)
            facts["matches"] = sum(
                1 for line in data.splitlines() if plan.pattern.search(decode(line, plan.encoding))
            )
            facts["read_all"] = not cut
    problem = "" if found.files or plan.missing_ok else f"没有找到文件 {plan.place.path}。"
    if found.files and facts["age_s"] < -300:
        problem = f"文件 {facts['newest']} 的时间在未来，请核对主机时钟。"
    elif plan.pattern is not None and found.files and not facts["matches"]:
        problem = f"文件 {facts['newest']} 中没有「{plan.pattern_text[:80]}」。"
    shown = "没有文件"
    if found.files:
        age = duration_words(max(0.0, facts["age_s"]))
        shown = f"{facts['count']} 个文件，最新的 {facts['newest']} 在 {age}前，{facts['size']} 字节"
    facts["duration_ms"] = (attempt.clock() - attempt.began) * 1000
    kept = ("count", "age_s", "size", "total_size")
    return Finding(
        facts,
        shown,
        {name: round(float(facts[name]), 1) for name in kept if name in facts},
        problem,
        lambda: {
            "files": [
                {"name": f.name, "size": f.size, "age_s": round(found.now - f.modified)}
                for f in found.files[:20]
            ],
            "shown": named(f.name for f in found.files),
        },
    )


KIND = Kind(
    name="file",
    title="文件",
    help="检查文件或文件夹里符合通配符的文件：有没有、多久没更新、多大、有几个、内容里有没有某段文字；"
    "本机直接查看，远程经 SSH。",
    target_label="文件路径",
    target_help="绝对路径，最后一段可用通配符，例如 /data/out/*.csv。",
    params=(
        Param("pattern", "应有内容", help="最新的文件中必须有一行匹配这个正则表达式（读取前 4 MiB）。"),
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
        Param("missing_ok", "可以没有文件", ParamType.BOOLEAN, False, help="例如待传文件夹，空的才好。"),
        *PLACE_PARAMS,
    ),
    facts=(
        Fact("exists", "是否有文件"),
        Fact("count", "文件数", "个"),
        Fact("age_s", "最新的文件距今多久没有更新", "秒"),
        Fact("oldest_s", "最旧的文件距今多久", "秒"),
        Fact("size", "最新的文件的大小", "字节"),
        Fact("total_size", "全部文件的大小", "字节"),
        Fact("empty", "空文件数", "个"),
        Fact("newest", "最新的文件名"),
        Fact("oldest", "最旧的文件名"),
        Fact("matches", "最新的文件中匹配的行数（须填应有内容）", "行"),
        Fact("read_all", "是否读到了文件末尾（须填应有内容）"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("exists or count == 0",),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
    verified_against="Debian 12 本机文件、进程内 SSH 服务",
)
