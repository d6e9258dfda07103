"""`taxops clock replay FILE`: what a clock's history says (时限重放)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from taxops.engines.base import BadInput, TaxopsError, duration_words
from taxops.engines.worktime import KINDS, Event, Policy, State, replay
from taxops.project.commands.worktime import calendar, iso, read_json, seconds_of

HELP = "时限：按事件历史重放，给出用时、状态、是否超时、到期时刻"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the one form."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="replay")
    form = forms.add_parser("replay", help="重放文件中的一个或多个时限")
    form.add_argument("file", help="JSON：{calendar, target_seconds, strict, pausable, events, now} 或其列表")
    form.add_argument("--json", action="store_true", help="以 JSON 输出")


def _events(value: object) -> list[Event]:
    if not isinstance(value, list):
        raise BadInput("events 应是事件列表。", '每个事件写作 {"at": …, "kind": …, "arg": …}。')
    found: list[Event] = []
    for item in value:
        if not isinstance(item, dict) or "at" not in item or "kind" not in item:
            raise BadInput("事件缺少 at 或 kind。", '每个事件写作 {"at": …, "kind": …, "arg": …}。')
        kind, arg = item["kind"], item.get("arg")
        if kind not in KINDS:
            raise BadInput(f"不认识的时限事件「{str(kind)[:40]}」。", f"可用的有：{'、'.join(KINDS)}。")
        seconds = arg if isinstance(arg, int) and not isinstance(arg, bool) else None
        if kind == "target" and (seconds is None or seconds <= 0):
            raise BadInput("时限调整（target）的 arg 应是正整数秒数。")
        at = _instant(item["at"], "at")
        if found and at < found[-1][0]:
            raise BadInput(f"事件没有按时间先后排列：「{item['at']}」早于前一个事件。", "请按时间先后排列。")
        found.append((at, kind, seconds))
    return found


def _instant(value: object, name: str) -> int:
    """Return an instant of the file; a number says nothing about its zone and is refused."""
    if not isinstance(value, str):
        raise BadInput(
            f"{name} 应是 ISO 8601 时间文字。", "例如 2026-06-01T07:30 或 2026-06-01T07:30+08:00。"
        )
    return seconds_of(value)


def _yes(case: Mapping[str, Any], name: str, otherwise: bool) -> bool:
    value = otherwise if case.get(name) is None else case[name]
    if not isinstance(value, bool):
        raise BadInput(f"{name} 应是 true 或 false。")
    return value


def answer(case: Any) -> dict[str, object]:
    """Return what one case of the file comes to.

    Raises:
        BadInput: the case cannot be computed.
    """
    if not isinstance(case, dict):
        raise BadInput("时限文件应是一个 JSON 对象，或对象的列表。")
    for name in ("calendar", "target_seconds", "events", "now"):
        if name not in case:
            raise BadInput(f"时限文件缺少 {name}。", "需要 calendar、target_seconds、events、now。")
    target = case["target_seconds"]
    if isinstance(target, bool) or not isinstance(target, int) or target <= 0:
        raise BadInput("target_seconds 应是正整数。")
    policy = Policy(target, _yes(case, "strict", False), _yes(case, "pausable", True))
    clock = replay(_events(case["events"]), policy, calendar(case["calendar"]), _instant(case["now"], "now"))
    return {
        "elapsed_seconds": clock.elapsed_seconds,
        "state": clock.state.value,
        "breached": clock.breached,
        "deadline": iso(clock.deadline) if clock.deadline is not None else None,
    }


def _numbered(case: Any, number: int) -> dict[str, object]:
    """Return the answer to one case; what is wrong with one of several says with which."""
    try:
        return answer(case)
    except TaxopsError as error:
        if number:
            raise BadInput(f"第 {number} 个时限：{error.what}", error.todo) from error
        raise


def run(args: argparse.Namespace) -> int:
    """Replay and print; a list in the file is answered by a list."""
    data = read_json(args.file, "文件")
    cases = data if isinstance(data, list) else [data]
    answers = [_numbered(case, n if len(cases) > 1 else 0) for n, case in enumerate(cases, 1)]
    if args.json:
        print(json.dumps(answers if isinstance(data, list) else answers[0], ensure_ascii=False))
        return 0
    if not answers:
        print("文件中没有时限。")
    for found in answers:
        used = duration_words(float(str(found["elapsed_seconds"])))
        words = State.label_of(str(found["state"]))
        print(
            f"{words}，已用 {used}，{'已超时' if found['breached'] else '未超时'}，到期 {found['deadline'] or '—'}"
        )
    return 0
