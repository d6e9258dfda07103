"""`taxops init`: the first organisation and the three administrators (三员) of an empty installation."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from taxops.engines.base import BadInput, NotFound, Scope

HELP = "初始化空白安装：首个机构与三员账户（系统、安全、审计管理员）"
_ROLES = {"system": "系统管理员", "security": "安全管理员", "audit": "审计管理员"}
_LEVELS = {"hq": "总局", "province": "省局", "city": "市/州局", "county": "县/区局"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments; what is left out is asked for on a terminal."""
    parser.add_argument("--org", metavar="代码", help="最上级机构的代码，例如 145000")
    parser.add_argument("--name", metavar="名称", help="最上级机构的全称")
    parser.add_argument(
        "--level", choices=sorted(_LEVELS), default="province", help="最上级机构的层级（缺省 province）"
    )
    parser.add_argument(
        "--orgs", type=Path, metavar="文件", help="下级机构的 CSV 或 XLSX（与页面导入的格式相同）"
    )
    for key, label in _ROLES.items():
        parser.add_argument(f"--{key}", metavar="用户名:姓名", help=label)
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Found the installation and print the temporary passwords, once.

    Raises:
        BadInput: an argument is missing or will not do.
        NotFound: no such file.
        Conflict: it was done before.
    """
    from taxops.project.boot import django_ready

    django_ready()
    from taxops.platform.identity import services as identity
    from taxops.project.founding import Founder, found
    from taxops.project.prepare import migrate

    migrate()
    below = None
    if args.orgs is not None:
        from taxops.engines.documents import read_table

        if not args.orgs.is_file():
            raise NotFound(f"没有文件「{args.orgs}」。", "请核对路径。")
        below = [
            identity.import_row(number, cells)
            for number, cells in read_table(args.orgs.read_bytes(), args.orgs.name).rows
        ]
    answer = found(
        Scope.system("命令行", via="cli"),
        now=datetime.now(UTC),
        code=_ask(args.org, "最上级机构代码", "--org"),
        name=_ask(args.name, "最上级机构名称", "--name"),
        level=args.level,
        founders=[
            Founder(f"{key}_admin", *_person(_ask(getattr(args, key), f"{label}（用户名:姓名）", f"--{key}")))
            for key, label in _ROLES.items()
        ],
        below=below,
    )
    if args.json:
        facts = {"org": answer.org_code, "organisations": answer.organisations, "passwords": answer.passwords}
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    print(f"已建立机构 {answer.organisations} 个。三员的临时口令只显示这一次，首次登录必须修改：")
    for username, password in answer.passwords.items():
        print(f"  {username}  {password}")
    print("接着由系统管理员建立人员，安全管理员授权；再执行 taxops serve。")
    return 0


def _ask(given: str | None, label: str, option: str) -> str:
    """Return what was given, or what the person at the terminal types."""
    if given:
        return given
    if not sys.stdin.isatty():
        raise BadInput(f"没有给出{label}。", f"请加上 {option}。")
    return input(f"{label}：").strip()


def _person(text: str) -> tuple[str, str]:
    """Return user name and name of `wangjun:王军`."""
    username, colon, name = text.replace("：", ":").partition(":")
    if not colon or not username.strip() or not name.strip():
        raise BadInput(f"「{text[:40]}」不是「用户名:姓名」。", "例如 wangjun:王军。")
    return username.strip(), name.strip()
