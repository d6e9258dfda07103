"""`taxops report daily --date 2026-11-21`: make a day's monitoring report and write its files (出具日报)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

HELP = "报告：出具某日的系统运行监控报告（daily），写出 docx 与 pdf"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="daily")
    daily = kinds.add_parser("daily", help="系统运行监控报告（日）")
    daily.add_argument("--date", required=True, metavar="日期", help="例如 2026-11-21，须已结束")
    daily.add_argument("--org", metavar="机构代码", help="默认：登记了合同的机构，没有合同则为最上级")
    daily.add_argument("--out", required=True, metavar="目录", help="写到哪里；没有则建立")
    daily.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Make the reports, write the files, say what was made."""
    from datetime import UTC, date, datetime

    from taxops.project.boot import django_ready

    django_ready()
    from taxops.engines.base import BadInput, NotFound, Scope
    from taxops.platform.files.services import open_stream
    from taxops.platform.identity.queries import find_org
    from taxops.systems.operations.deliverables import gathering, services

    try:
        day = date.fromisoformat(args.date)
    except ValueError:
        raise BadInput(f"「{args.date}」不是日期。", "请按 2026-11-21 的样式填写。", field="date") from None
    now = datetime.now(UTC)
    chosen = [find_org(args.org)] if args.org else gathering.reporting_orgs(now)
    orgs = [org for org in chosen if org is not None]
    if not orgs:
        raise NotFound(
            f"没有代码为「{args.org}」的机构。" if args.org else "还没有监控系统，无报告可出。",
            "请用 --org 给出机构代码，例如 145000。",
        )
    folder = Path(args.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"目录「{args.out}」无法使用：{error.strerror}。", "请换一个目录。") from error
    scope = Scope.system("命令行", via="cli")
    answers: list[dict[str, object]] = []
    for org in orgs:
        version, fresh = services.make_daily(scope, now=now, org=org, day=day)
        version = services.files_of(scope, version, now=now)
        written: list[str] = []
        for file in (version.docx, version.pdf):
            if file is not None:
                with open_stream(file) as stream:
                    (folder / file.name).write_bytes(stream.read())
                written.append(str(folder / file.name))
        answers.append({"org": org.code, "version": version.version, "new": fresh, "digest": version.digest,
                        "why": version.why, "files": written})  # fmt: skip
    if args.json:
        print(json.dumps(answers, ensure_ascii=False))
        return 0
    for answer in answers:
        made = "新生成" if answer["new"] else "数据没有变化，现行"
        print(f"{answer['org']}：{made}第 {answer['version']} 版，SM3 {answer['digest']}")
        for name in answer["files"]:  # type: ignore[attr-defined]  # a list of names
            print(f"  {name}")
    return 0
