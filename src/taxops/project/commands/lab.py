"""`taxops lab`: start, stop, look at, break and heal the real services of the demonstration (实验室)."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

HELP = "实验室：真实服务的启动、停止、状态、制造故障（break）与恢复（heal）"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    commands = parser.add_subparsers(dest="act", required=True, metavar="操作")
    for name, help_text in (
        ("start", "启动实验室（演示运行时已经启动）"),
        ("stop", "结束实验室和其中所有服务"),
        ("status", "各服务的状态"),
        ("list", "服务及其可用的故障方式"),
        ("break", "制造故障"),
        ("heal", "恢复服务"),
    ):
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.add_argument("--json", action="store_true", help="以 JSON 输出")
        if name in {"break", "heal"}:
            command.add_argument("name", help="服务名，见 taxops lab list")
        if name == "break":
            command.add_argument("--mode", help="故障方式，见 taxops lab list；缺省为第一种")


def _print_status(services: list[dict[str, Any]]) -> None:
    for service in services:
        mark = {"running": "●", "broken": "✘", "absent": "○"}[service["state"]]
        print(
            f"{mark} {service['name']:<11} {service['title']}：{service['state_label']}  {service['target']}"
        )
        if service.get("failure"):
            print(f"    {service['failure']}")


def _catalogue(as_json: bool) -> int:
    from taxops.project.lab import catalogue, plan

    found = [
        {
            "name": service.code,
            "title": service.title,
            "what": service.what,
            "modes": dict(service.modes),
            "installed": not service.program or plan.program(service.program) is not None,
        }
        for service in catalogue.SERVICES
    ]
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for service in found:
        note = "" if service["installed"] else "（未安装，不会启动）"
        print(f"{service['name']:<11} {service['title']}：{service['what']}{note}")
        for code, label in service["modes"].items():  # type: ignore[attr-defined]  # the dict made above
            print(f"    --mode {code:<11} {label}")
    return 0


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 0 also when there was nothing to do, which is said."""
    if args.act == "list":
        return _catalogue(args.json)
    from taxops.project import config
    from taxops.project.lab import control

    data = config.load(os.environ).data
    if args.act in {"start", "status"}:
        if args.act == "start":
            control.start(data)
        services = control.status(data)
        if args.json:
            print(json.dumps({"services": services}, ensure_ascii=False))
        else:
            _print_status(services)
        return 0
    if args.act == "stop":
        stopped = control.stop(data)
        answer: dict[str, Any] = {
            "changed": stopped,
            "message": "实验室已结束。" if stopped else "实验室本来就没有运行。",
        }
    elif args.act == "break":
        answer = control.break_(data, args.name, args.mode)
    else:
        answer = control.heal(data, args.name)
    print(json.dumps(answer, ensure_ascii=False) if args.json else answer["message"])
    return 0
