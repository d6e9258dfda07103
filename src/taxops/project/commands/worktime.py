"""`taxops worktime add|measure`: arithmetic on working calendars (工作时间计算)."""

from __future__ import annotations

import argparse
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

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
    if not isinstance(name, str):
        raise BadInput(
            "calendar 应是内置日历的名称、JSON 文件名或日历对象。",
            f"内置的有：{'、'.join(shipped_names())}。",
        )
    if name in shipped_names() or not (name.endswith(".json") or _is_file(name)):
        return shipped(name)
    return calendar_from_json(read_json(name, "日历文件"))


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def read_json(name: str, what: str) -> Any:
    """Return what a JSON file of a person holds; a byte order mark before it does no harm.

    Raises:
        BadInput: it is not there, not readable or no JSON; says which and where.
    """
    try:
        return json.loads(Path(name).read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        why = f"第 {error.lineno} 行第 {error.colno} 列不是 JSON"
    except UnicodeDecodeError:
        why = "不是 UTF-8 编码"
    except FileNotFoundError:
        why = "没有这个文件"
    except IsADirectoryError:
        why = "它是目录"
    except PermissionError:
        why = "没有读取权限"
    except RecursionError:
        why = "嵌套过深"
    except ValueError:
        why = "文件名或其中的数字不成立"
    except OSError as error:
        why = f"系统错误 {error.errno}"
    raise BadInput(f"{what}「{name[:200]}」无法读取：{why}。", "请给出 UTF-8 编码的 JSON 文件。")


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
        if re.fullmatch(r"-?[0-9]{1,18}", args.seconds) is None:
            raise BadInput(f"「{args.seconds[:40]}」不是秒数。", "请填写非负整数。")
        seconds = int(args.seconds)
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
