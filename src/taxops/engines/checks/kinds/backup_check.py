"""Kind `backup` (备份文件): the newest of a pattern: how old, how large against those before, proven or not."""

from __future__ import annotations

import hashlib
import re
import shlex
import statistics
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, duration_words
from taxops.engines.checks.wire import Failed

from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .folder_listing import PLACE_PARAMS, Listing, Place, Seen, content, listing, place_of
from .ssh import command
from .threads import in_thread

_HEX = re.compile(r"[0-9a-fA-F]{32,128}")
_HASHES = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_SMALL = 64 * 1024
_GOOD = re.compile(r"\b(ok|success(ful)?|passed|pass)\b|成功|通过|完成|正常", re.IGNORECASE)
_BAD = re.compile(
    r"\b(fail(ed|ure)?|error|corrupt(ed)?|invalid|ora-\d+|rman-\d+)\b|失败|错误|损坏|异常", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which backups, and what proves them (备份检查计划)."""

    place: Place
    back: int
    checksum: str
    result: str
    settle_s: int


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the path or a parameter cannot be used.
    """
    params = wanted.params
    suffix, result = params["checksum"] or "", params["result"] or ""
    if "/" in suffix or (suffix and not suffix.startswith(".")):
        raise BadInput("「校验文件后缀」应以点开头。", "例如 .sha256 或 .md5。", field="checksum")
    if "/" in result or any(ord(char) < 32 for char in result):
        raise BadInput("「验证结果文件」应是同一文件夹里的文件名。", field="result")
    return Plan(place_of(wanted.target, params), params["back"], suffix, result, params["settle_s"])


def backup_facts(files: tuple[Seen, ...], now: float, back: int, settle_s: float) -> dict[str, Any]:
    """Return what conditions may speak of; a file written within `settle_s` is one still being made."""
    done = [one for one in files if now - one.modified >= settle_s]
    facts: dict[str, Any] = {"count": len(done), "in_progress": len(files) - len(done)}
    if not done:
        return facts
    newest = done[0]
    before = [one.size for one in done[1 : back + 1]]
    facts |= {
        "age_s": now - newest.modified,
        "size": newest.size,
        "newest": newest.name,
        "previous": len(before),
    }
    if before:
        usual = statistics.median(before)
        facts["usual_size"] = usual
        facts["change_percent"] = (
            100.0 * (newest.size - usual) / usual if usual else (100.0 if newest.size else 0.0)
        )
    return facts


def read_result(text: str) -> bool | None:
    """Return what a test's result file says: proven, refuted, or nothing that can be told.

    >>> read_result("restore test: OK"), read_result("恢复测试失败 ORA-01113"), read_result("began 02:00")
    (True, False, None)
    """
    if _BAD.search(text):
        return False
    return True if _GOOD.search(text) or text.strip() == "0" else None  # an exit code alone is a result


async def _checksum(
    attempt: SideAttempt, plan: Plan, newest: Seen, files: frozenset[str], connection: Any
) -> dict[str, Any]:
    """Return whether the file still has the sum that was written beside it."""
    beside = newest.name + plan.checksum
    if beside not in files:
        return {"checksum": "none"}
    data, _ = await content(attempt, plan.place, beside, connection, _SMALL)
    found = _HEX.search(data.decode("ascii", "replace"))
    algorithm = _HASHES.get(len(found[0])) if found else None
    if found is None or algorithm is None:
        raise Failed(f"校验文件 {beside} 中没有可用的校验值。")
    attempt.doing = "计算校验值"
    path = f"{plan.place.folder.rstrip('/')}/{newest.name}"
    if connection is not None:
        _, output, complaints = await command(
            attempt, connection, f"{algorithm}sum -- {shlex.quote(path)}", most=4096
        )
        mine = output.split(b" ", 1)[0].lstrip(b"\\").decode("ascii", "replace")
        if not _HEX.fullmatch(mine):
            raise Failed(f"远程主机没有算出校验值：{complaints[:120] or '没有输出'}。")
    else:
        mine = await in_thread(lambda: _digest(path, algorithm))
    return {"checksum": "good" if mine.lower() == found[0].lower() else "bad"}


def _digest(path: str, algorithm: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(
                file, lambda: hashlib.new(algorithm, usedforsecurity=False)
            ).hexdigest()
    except OSError as error:
        raise Failed(f"备份文件 {path} 读取失败：{error.strerror}。") from error


async def _tested(attempt: SideAttempt, plan: Plan, found: Listing, connection: Any) -> dict[str, Any]:
    """Return what the result file of the last test restore says and how old it is."""
    async with AsyncExitStack() as stack:
        place = Place(plan.place.folder, plan.result, plan.place.ssh)
        there = (await listing(attempt, place, stack))[0]
        if not there.files:
            return {"tested": "none"}
        one = there.files[0]
        data, _ = await content(attempt, plan.place, one.name, connection, _SMALL)
    said = read_result(data.decode("utf-8", "replace"))
    words = {True: "good", False: "bad", None: "unclear"}[said]
    return {"tested": words, "tested_age_s": found.now - one.modified}


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Look at the newest backup and what stands beside it.

    Raises:
        Failed: no login, no such folder, or no permission.
    """
    async with AsyncExitStack() as stack:
        found, connection = await listing(attempt, plan.place, stack)
        aside = {one.name for one in found.files if plan.checksum and one.name.endswith(plan.checksum)}
        files = tuple(one for one in found.files if one.name not in aside | {plan.result})
        facts = backup_facts(files, found.now, plan.back, plan.settle_s)
        if "newest" in facts and plan.checksum:
            newest = next(one for one in files if one.name == facts["newest"])
            beside = frozenset(aside)
            if newest.name + plan.checksum not in beside:  # the pattern may leave it out
                place = Place(plan.place.folder, newest.name + plan.checksum, plan.place.ssh)
                beside = frozenset(one.name for one in (await listing(attempt, place, stack))[0].files)
            facts |= await _checksum(attempt, plan, newest, beside, connection)
        if plan.result:
            facts |= await _tested(attempt, plan, found, connection)
    facts["duration_ms"] = (attempt.clock() - attempt.began) * 1000
    kept = ("count", "age_s", "size", "change_percent")
    return Finding(
        facts,
        _sentence(facts),
        {name: round(float(facts[name]), 2) for name in kept if name in facts},
        "" if "newest" in facts else f"没有找到已完成的备份 {plan.place.path}。",
        lambda: {
            "backups": [
                {"name": f.name, "size": f.size, "age_s": round(found.now - f.modified)} for f in files[:15]
            ],
            "facts": facts,
        },
    )


def _sentence(facts: dict[str, Any]) -> str:
    if "newest" not in facts:
        return "没有备份"
    parts = [
        f"最新备份 {facts['newest']}，{duration_words(max(0.0, facts['age_s']))}前，{facts['size']} 字节"
    ]
    if "change_percent" in facts:
        parts.append(f"与前 {facts['previous']} 次的中位数相比 {facts['change_percent']:+.1f}%")
    words = {"good": "校验值相符", "bad": "校验值不符，文件已损坏", "none": "没有校验文件"}
    if "checksum" in facts:
        parts.append(words[facts["checksum"]])
    if facts.get("tested") == "none":
        parts.append("没有验证结果文件")
    elif "tested" in facts:
        said = {"good": "成功", "bad": "失败", "unclear": "看不出结果"}[facts["tested"]]
        parts.append(f"{duration_words(max(0.0, facts['tested_age_s']))}前的恢复验证{said}")
    return "，".join(parts)


KIND = Kind(
    name="backup",
    title="备份文件",
    help="检查备份：最新一份多久以前、与以往相比大小是否异常、校验值是否相符、恢复验证是否成功；"
    "本机直接查看，远程经 SSH。数据库自身的备份记录见 oracle 检查。",
    target_label="备份文件",
    target_help="绝对路径加通配符，例如 /backup/tax_*.dmp。",
    params=(
        Param(
            "back", "与前几次比大小", ParamType.INTEGER, 7, least=1, most=100, help="取前几次大小的中位数。"
        ),
        Param("settle_s", "多久没变才算写完", ParamType.INTEGER, 60, least=0, most=86400, help="秒。"),
        Param("checksum", "校验文件后缀", help="例如 .sha256；校验大文件耗时长，请相应调大超时。"),
        Param("result", "验证结果文件", help="同一文件夹里记录最近一次恢复验证结果的文件名。"),
        *PLACE_PARAMS,
    ),
    facts=(
        Fact("count", "已完成的备份数", "个"),
        Fact("in_progress", "正在写的备份数", "个"),
        Fact("newest", "最新的备份"),
        Fact("age_s", "最新的备份距今", "秒"),
        Fact("size", "最新的备份的大小", "字节"),
        Fact("previous", "用来比较的备份数", "个"),
        Fact("usual_size", "前几次大小的中位数", "字节"),
        Fact("change_percent", "最新的备份比中位数大（正）或小（负）多少", "%"),
        Fact("checksum", "校验：good 相符、bad 不符、none 没有校验文件"),
        Fact("tested", "恢复验证：good 成功、bad 失败、unclear 看不出、none 没有结果文件"),
        Fact("tested_age_s", "最近一次恢复验证距今", "秒"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=(
        "age_s < 26h",
        "size > 0",
        'not exists(checksum) or checksum != "bad"',
        'not exists(tested) or tested != "bad"',
    ),
    warnings=(
        "not exists(change_percent) or abs(change_percent) <= 30",
        'not exists(checksum) or checksum == "good"',
        'not exists(tested) or tested == "good"',
    ),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
    verified_against="Debian 12 本机文件、进程内 SSH 服务",
)
