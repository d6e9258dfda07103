"""The `taxops` programme (命令行): finds the command by name and renders errors."""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from taxops import __version__
from taxops.engines.base import TaxopsError, Unavailable

COMMANDS = Path(__file__).parent / "project" / "commands"


def names() -> list[str]:
    """Return the names of all commands, sorted."""
    return sorted(p.stem for p in COMMANDS.glob("[a-z]*.py"))


def _usage() -> str:
    lines = ["用法：taxops 命令 [参数]", "", "命令："]
    for name in names():
        help_text = import_module(f"taxops.project.commands.{name}").HELP
        lines.append(f"  {name:<12} {help_text}")
    lines += ["", "每个命令都有 --help；机器要读的都有 --json。"]
    return "\n".join(lines)


def render(error: TaxopsError, *, as_json: bool) -> None:
    """Print an anticipated error to stderr, for a person or, with `--json`, for a machine."""
    if as_json:
        print(json.dumps(error.as_dict(), ensure_ascii=False), file=sys.stderr)
        return
    print(f"错误：{error.what}", file=sys.stderr)
    if error.todo:
        print(f"处理：{error.todo}", file=sys.stderr)
    for problem in error.problems:
        print(f"  {problem}", file=sys.stderr)


def _is_database_error(error: BaseException) -> bool:
    """Test for Django's database errors without importing Django: most commands never load it."""
    db = sys.modules.get("django.db")
    return db is not None and isinstance(error, db.DatabaseError | db.InterfaceError)


class Parser(argparse.ArgumentParser):
    """A parser of the command line whose refusals are in Chinese (命令行参数)."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the words given, and end with 2."""
        for words, chinese in _REFUSALS:
            message = message.replace(words, chinese)
        self.exit(2, f"错误：命令行参数不正确：{message}。\n处理：{self.prog} --help 列出可用的参数。\n")


_REFUSALS = (
    ("the following arguments are required: ", "缺少 "),
    ("unrecognized arguments: ", "不认识 "),
    ("invalid choice: ", "没有 "),
    ("(choose from ", "（可用的有 "),
    ("expected one argument", "后面应有一个值"),
    ("argument ", "参数 "),
    ("invalid int value: ", "不是整数 "),
    ("invalid float value: ", "不是数字 "),
)
"""What argparse says and how we say it; what is not here stays as it is."""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 the command's own no, 2 an error, 130 Ctrl-C."""
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in {"-h", "--help", "help"}:
        print(_usage())
        return 0
    if argv[0] in {"-V", "--version", "version"}:
        print(f"taxops {__version__}")
        return 0
    name = argv[0]
    if name.replace("-", "_") not in names():
        print(f"错误：没有「{name}」这个命令。", file=sys.stderr)
        print(f"处理：可用的命令有 {'、'.join(names())}。", file=sys.stderr)
        return 2
    command = import_module(f"taxops.project.commands.{name.replace('-', '_')}")
    parser = Parser(prog=f"taxops {name}", description=command.HELP)
    command.configure(parser)
    args = parser.parse_args(argv[1:])
    try:
        return int(command.run(args) or 0)
    except TaxopsError as error:
        render(error, as_json=bool(getattr(args, "json", False)))
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the edge: a database that is not there or not prepared is no bug of ours
        if not _is_database_error(error):
            raise
        wrong = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        render(
            Unavailable(
                f"数据库不可用：{wrong}",
                "请检查 TAXOPS_DATABASE_URL；新安装请先执行 taxops serve，它会建好数据结构。",
            ),
            as_json=bool(getattr(args, "json", False)),
        )
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; nothing to say
        return 0


if __name__ == "__main__":
    sys.exit(main())
