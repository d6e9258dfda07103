"""`taxops case`: case types checked, a case's clocks explained (事项)."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

from taxops.engines.base import BadInput, Scope, parse_instant

HELP = "事项：检查事项类型文件，逐行说明一个事项的时限"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the two forms."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="types|explain")
    types = forms.add_parser("types", help="列出事项类型")
    types.add_argument("--check", action="store_true", help="检查类型、日历和留存的版本；有问题时退出码为 1")
    types.add_argument("--json", action="store_true", help="以 JSON 输出")
    explain = forms.add_parser("explain", help="说明一个事项的时限怎样算出")
    explain.add_argument("number", help="事项编号，例如 QQ20260601-0001")
    explain.add_argument("--at", default="", help="按这个时刻计算，默认现在")
    explain.add_argument("--json", action="store_true", help="以 JSON 输出")


def _types(args: argparse.Namespace) -> int:
    from taxops.engines.worktime import shipped_legal_days
    from taxops.platform.casework import registry

    kinds = registry.all_types()  # reading them has checked each: a wrong file stops the start with its place
    problems = []
    if args.check:
        year = datetime.now(UTC).year + 1
        try:
            shipped_legal_days().day_class(datetime(year, 1, 1, tzinfo=UTC).date())
        except BadInput as error:
            problems.append(f"节假日表：{error}")
    rows = [
        {"code": k.code, "label": k.label, "steps": len(k.transitions), "clocks": len(k.clocks), "source": k.source}
        for k in kinds
    ]  # fmt: skip
    if args.json:
        print(json.dumps({"types": rows, "problems": problems}, ensure_ascii=False))
    else:
        for row in rows:
            print(
                f"{row['code']}\t{row['label']}\t{row['steps']} 步\t{row['clocks']} 个时限\t{row['source']}"
            )
        for problem in problems:
            print(f"注意：{problem}")
        if args.check and not problems:
            print(f"{len(rows)} 个事项类型，没有问题。")
    return 1 if problems else 0


def _explain(args: argparse.Namespace) -> int:
    from taxops.engines.cases import explain
    from taxops.platform.casework import history, queries, registry

    scope = Scope.system("命令行", via="cli")
    now = parse_instant(args.at) if args.at else datetime.now(UTC)
    case = queries.by_number(scope, args.number)
    kind = queries.kind_of(case)
    found = explain(kind, history.load(case), registry.calendars(case.org.path), history.seconds(now))
    if args.json:
        answer = [
            {
                "clock": face.code, "state": face.state.value, "elapsed_seconds": face.elapsed_seconds,
                "target_seconds": face.target_seconds, "breached": face.breached, "deadline": face.deadline,
                "lines": lines,
            }
            for face, lines in found
        ]  # fmt: skip
        print(json.dumps({"number": case.number, "title": case.title, "clocks": answer}, ensure_ascii=False))
        return 0
    print(f"{case.number} {case.title}")
    for _, lines in found:
        print("\n".join(f"  {line}" for line in lines))
    return 0


def run(args: argparse.Namespace) -> int:
    """List and check types, or explain a case's clocks."""
    from taxops.project.boot import django_ready

    django_ready()
    return _types(args) if args.form == "types" else _explain(args)
