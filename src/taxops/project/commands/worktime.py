"""`taxops worktime add|measure`: arithmetic on working calendars (工作时间计算)."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path

from taxops.engines.base import CHINA, BadInput, duration_words, parse_instant
from taxops.engines.worktime import WorkCalendar, calendar_from_json, shipped, shipped_names

HELP = "工作日历：在日历上加时长（add）、量时长（measure）、列出日历（list）"


def calendar(name: object) -> WorkCalendar:
    """Return the calendar of a shipped name, of a JSON file, or of an object already read.

    Raises:
        BadInput: the file cannot be read or is no calendar.
        NotFound: no such name and no such file.
    """
    if isinstance(name, dict):
        return calendar_from_json(name)
    text = str(name)
    path = Path(text)
    if text in shipped_names() or (path.suffix != ".json" and not path.is_file()):
        return shipped(text)
    try:
        return calendar_from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"日历文件「{text}」无法读取：{error}。", "请给出 UTF-8 编码的 JSON 文件。") from error


def seconds_of(text: str) -> int:
    """Return whole UTC seconds of an ISO time; China time when it has no offset.

    Raises:
        BadInput: it is not a time.
    """
    return int(parse_instant(text).timestamp())


def iso(t: int) -> str:
    """Return a time as ISO 8601 with China's offset."""
    return datetime.fromtimestamp(t, CHINA).isoformat()


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the three forms."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="add|measure|list")
    add = forms.add_parser("add", help="从某时刻起，经过若干工作秒后的时刻")
    add.add_argument("calendar", help="内置日历名或 JSON 文件")
    add.add_argument("start", help="ISO 时间，无时区按北京时间")
    add.add_argument("seconds", help="工作秒数")
    measure = forms.add_parser("measure", help="两个时刻之间的工作秒数")
    measure.add_argument("calendar", help="内置日历名或 JSON 文件")
    measure.add_argument("start", metavar="from")
    measure.add_argument("end", metavar="to")
    listing = forms.add_parser("list", help="列出内置日历")
    for form in (add, measure, listing):
        form.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Compute and print."""
    if args.form == "list":
        print(json.dumps(shipped_names()) if args.json else "\n".join(shipped_names()))
        return 0
    chosen = calendar(args.calendar)
    start = seconds_of(args.start)
    if args.form == "add":
        try:
            seconds = int(args.seconds)
        except ValueError as error:
            raise BadInput(f"「{args.seconds}」不是秒数。", "请填写非负整数。") from error
        end = chosen.add(start, seconds)
        answer: dict[str, object] = {
            "calendar": chosen.name,
            "start": iso(start),
            "seconds": seconds,
            "end": iso(end),
        }
        text = iso(end)
    else:
        end = seconds_of(args.end)
        if end < start:
            raise BadInput("结束早于开始。", "请检查两个时间的先后。")
        found = chosen.measure(start, end)
        answer = {"calendar": chosen.name, "from": iso(start), "to": iso(end), "seconds": found}
        text = f"{found} 秒（{duration_words(found)}）"
    print(json.dumps(answer, ensure_ascii=False) if args.json else text)
    return 0
