"""`taxops clock replay FILE`: what a clock's history says (时限重放)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, duration_words
from taxops.engines.worktime import Event, Policy, State, replay
from taxops.project.commands.worktime import calendar, iso, seconds_of

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
        arg = item.get("arg")
        seconds = arg if isinstance(arg, int) and not isinstance(arg, bool) else None
        found.append((seconds_of(str(item["at"])), str(item["kind"]), seconds))
    return found


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
    policy = Policy(target, bool(case.get("strict", False)), bool(case.get("pausable", True)))
    clock = replay(_events(case["events"]), policy, calendar(case["calendar"]), seconds_of(str(case["now"])))
    return {
        "elapsed_seconds": clock.elapsed_seconds,
        "state": clock.state.value,
        "breached": clock.breached,
        "deadline": iso(clock.deadline) if clock.deadline is not None else None,
    }


def run(args: argparse.Namespace) -> int:
    """Replay and print; a list in the file is answered by a list."""
    try:
        data = json.loads(Path(args.file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(
            f"文件「{args.file}」无法读取：{error}。", "请给出 UTF-8 编码的 JSON 文件。"
        ) from error
    cases = data if isinstance(data, list) else [data]
    answers = [answer(case) for case in cases]
    if args.json:
        print(json.dumps(answers if isinstance(data, list) else answers[0], ensure_ascii=False))
        return 0
    for found in answers:
        used = duration_words(float(str(found["elapsed_seconds"])))
        words = State.label_of(str(found["state"]))
        print(
            f"{words}，已用 {used}，{'已超时' if found['breached'] else '未超时'}，到期 {found['deadline'] or '—'}"
        )
    return 0
