#!/usr/bin/env python3
"""Refreshes what in docs/ is generated, checks that links lead somewhere, and lists what there is to read.

`./run docs`; `./run docs --check` only checks (a test does so too).
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tools")]

from item_page import item_page  # noqa: E402  # the path is set above
from kind_page import kind_page  # noqa: E402  # the path is set above
from taxops.project.atlas import requirements  # noqa: E402  # the path is set above

STATES = {"none": "未开始", "part": "部分", "done": "已实现"}
SYSTEMS = {
    "operations": "运维服务",
    "quality5c": "税收征管质量5C监控评价",
    "invoice_risk": "增值税发票风险防控",
    "hotline": "12366 纳税服务",
    "halls": "办税服务厅智能管理",
    "entitlements": "应享尽享",
    "einvoice": "电子发票公共服务平台",
    "platform": "平台",
}


def requirement_page() -> str:
    """Return docs/requirements.md: the requirement table for reading."""
    rows = requirements()
    lines = [
        "# 需求对照表",
        "",
        "由 `./run docs` 从 [requirements.toml](requirements.toml) 生成，请勿手改。条款为采购文件行号。",
        "",
        "| 系统 | 条目 | 已实现 | 部分 | 未开始 |",
        "| --- | --: | --: | --: | --: |",
    ]
    for code, name in SYSTEMS.items():
        count = Counter(r.state for r in rows if r.system == code)
        lines.append(
            f"| {name} | {sum(count.values())} | {count['done']} | {count['part']} | {count['none']} |"
        )
    for code, name in SYSTEMS.items():
        lines += [
            "",
            f"## {name}",
            "",
            "| 编号 | 要求 | 条款 | 状态 | 位置 | 测试 | 说明 |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        for r in rows:
            if r.system == code:
                module = f"[{Path(r.module).name}](../{r.module})" if r.module else ""
                test = f"[{Path(r.test.split('::')[0]).name}](../{r.test.split('::')[0]})" if r.test else ""
                title = r.title.replace("|", "\\|")
                clauses = "、".join(r.clauses)
                lines.append(
                    f"| {r.id} | {title} | {clauses} | {STATES[r.state]} | {module} | {test} | {r.note} |"
                )
    return "\n".join(lines) + "\n"


GENERATED = {
    "docs/requirements.md": requirement_page,
    "docs/kinds.zh-CN.md": kind_page,
    "docs/items.zh-CN.md": item_page,
}


def dead_links() -> list[str]:
    """Return relative links of all Markdown files that lead nowhere."""
    found = []
    for path in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]:
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        wrong = [t for t in targets if "://" not in t and not (path.parent / t).exists()]
        found += [f"{path.relative_to(ROOT)}: {t}" for t in wrong]
    return found


def stale() -> list[str]:
    """Return generated files that do not match their source."""
    return [
        name
        for name, make in GENERATED.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != make()
    ]


def main(words: list[str]) -> int:
    """Refresh or check, then list."""
    if "--check" not in words:
        for name, make in GENERATED.items():
            (ROOT / name).write_text(make(), encoding="utf-8")
    wrong = [f"not up to date: {name} (run ./run docs)" for name in stale()]
    wrong += [f"dead link in {link}" for link in dead_links()]
    for line in wrong:
        print(line)
    if not wrong:
        for path in sorted((ROOT / "docs").rglob("*.md")):
            first = path.read_text(encoding="utf-8").splitlines()[0].strip("# ")
            print(f"{path.relative_to(ROOT).as_posix():<55} {first}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
