"""`taxops doctor`: what this installation has and what it lacks (自检)."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from importlib import metadata

HELP = "自检：环境、数据目录、数据库、可选服务"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def _findings() -> list[tuple[str, bool, str]]:
    from taxops.project import config

    found: list[tuple[str, bool, str]] = [
        ("Python", sys.version_info >= (3, 11), sys.version.split()[0]),
        ("Django", True, metadata.version("django")),
    ]
    settings = config.load(os.environ)
    found.append(("数据目录", True, str(settings.data)))
    config.database(settings.database_url)
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from taxops.project.boot import django_ready

    django_ready()
    try:
        plan = MigrationExecutor(connection).migration_plan(
            MigrationExecutor(connection).loader.graph.leaf_nodes()
        )
        found.append(("数据库", True, f"{connection.vendor} 可以连接"))
        found.append(
            (
                "数据结构",
                not plan,
                "最新" if not plan else f"有 {len(plan)} 个迁移未执行：taxops serve 会执行",
            )
        )
    except DatabaseError as error:
        found.append(("数据库", False, f"连接失败：{str(error).strip().splitlines()[0]}"))
    for label, name in (("nginx", "nginx"), ("Redis", "redis-server"), ("浏览器（仅测试用）", "chromium")):
        where = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
        found.append((f"{label}（可选）", True, where or "未安装：演示中对应的服务不会启动"))
    return found


def run(args: argparse.Namespace) -> int:
    """Print the findings; exit code 1 when something needed is missing."""
    found = _findings()
    if args.json:
        print(json.dumps([{"part": p, "ok": ok, "detail": d} for p, ok, d in found], ensure_ascii=False))
    else:
        for part, ok, detail in found:
            print(f"{'✔' if ok else '✘'} {part}：{detail}")
    return 0 if all(ok for _, ok, _ in found) else 1
