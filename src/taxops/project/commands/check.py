"""`taxops check`: carry out one check now, or list what kinds there are."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

HELP = "立即执行一项检查（check run 类型 对象），或列出检查类型（check kinds）"
_EXIT = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
_SIGNS = {"ok": "✓", "warning": "!", "critical": "✗", "unknown": "?"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    once = actions.add_parser("run", help="立即执行一项检查；退出码 0 正常、1 警告、2 异常、3 未知")
    once.add_argument("kind", help="检查类型，例如 http、tcp、tls、sql")
    once.add_argument("target", help="检查对象，例如网址或 主机:端口")
    once.add_argument(
        "-p",
        "--param",
        action="append",
        default=[],
        metavar="名称=值",
        help="参数，可多次；值以 @ 开头表示读文件",
    )
    once.add_argument("-c", "--condition", action="append", default=[], metavar="条件", help="条件，可多次")
    once.add_argument(
        "-w", "--warning", action="append", default=[], metavar="条件", help="不成立即为警告的条件，可多次"
    )
    once.add_argument("--timeout", type=float, default=5.0, metavar="秒", help="最长等待，默认 5 秒")
    once.add_argument("--trace", action="store_true", help="显示全部过程")
    once.add_argument("--json", action="store_true", help="以 JSON 输出")
    kinds = actions.add_parser("kinds", help="列出检查类型及其参数和判断依据")
    kinds.add_argument("kind", nargs="?", help="只看这一种")
    kinds.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Carry out the action."""
    return _run(args) if args.action == "run" else _kinds(args)


def _run(args: argparse.Namespace) -> int:
    from taxops.engines.base import TaxopsError
    from taxops.engines.checks import CheckSpec
    from taxops.project.prober.once import run_once

    try:
        spec = CheckSpec(
            id=0,
            kind=args.kind,
            target=args.target,
            params=_params(args.param),
            conditions=tuple(args.condition),
            warnings=tuple(args.warning),
            timeout_s=args.timeout,
        )
        result = run_once(spec)
    except TaxopsError as error:
        if args.json:
            print(json.dumps({"verdict": "unknown", "message": str(error), "metrics": {}, "phases": {},
                              **error.as_dict()}, ensure_ascii=False))  # fmt: skip
        else:
            print(f"错误：{error.what}", file=sys.stderr)
            if error.todo:
                print(f"处理：{error.todo}", file=sys.stderr)
        return _EXIT["unknown"]
    answer = result.as_dict()
    if args.json:
        print(json.dumps(answer, ensure_ascii=False, default=str))
    else:
        _show(answer, result.verdict.label, trace=args.trace)
    return _EXIT[result.verdict.value]


def _params(pairs: list[str]) -> dict[str, str]:
    from pathlib import Path

    from taxops.engines.base import BadInput

    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"参数「{pair[:60]}」应写成 名称=值。")
        if value.startswith("@"):
            try:
                value = Path(value[1:]).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise BadInput(f"参数 {name} 的文件 {value[1:]} 读不出来。", field=name) from error
        found[name] = value
    return found


def _show(answer: dict[str, Any], label: str, *, trace: bool) -> None:
    print(f"{_SIGNS[str(answer['verdict'])]} {label}：{answer['message']}")
    phases = answer["phases"]
    if phases:
        print("  阶段：" + "，".join(f"{name} {ms:.1f} 毫秒" for name, ms in phases.items()))
    if answer["metrics"]:
        print("  指标：" + "，".join(f"{name} {value:g}" for name, value in answer["metrics"].items()))
    if trace:
        json.dump(answer["evidence"], sys.stdout, ensure_ascii=False, indent=2, default=str)
        print()


def _kinds(args: argparse.Namespace) -> int:
    from taxops.engines.checks import check_kinds

    chosen = [check_kinds.get(args.kind)] if args.kind else [kind for _, kind in check_kinds.items()]
    if args.json:
        print(json.dumps([kind.as_dict() for kind in chosen], ensure_ascii=False))
        return 0
    for kind in chosen:
        print(f"{kind.name:<10} {kind.title}：{kind.help}")
        if args.kind:
            print(f"  对象：{kind.target_label}，{kind.target_help}")
            for param in kind.params:
                marks = (
                    "必填"
                    if param.required
                    else f"默认 {param.default}"
                    if param.default not in (None, "", {})
                    else ""
                )
                print(f"  参数 {param.name:<14} {param.label}（{param.type.label}）{marks} {param.help}")
            for fact in kind.facts:
                print(f"  依据 {fact.name:<18} {fact.meaning}{f'（{fact.unit}）' if fact.unit else ''}")
            print(f"  默认条件：{'；'.join(kind.conditions) or '（无）'}")
            print(f"  {kind.verified}")
    return 0
