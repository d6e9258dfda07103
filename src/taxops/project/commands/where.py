"""`taxops where 词`: where something lives (方位查询)."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from taxops.project import atlas

HELP = "按任意中英文词查：房间、页面、文档、测试、条款"
_STATES = {"none": "未开始", "part": "部分", "done": "已实现"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the word and `--json`."""
    parser.add_argument("word", nargs="+", help="中文或英文词、需求编号（M01）或条款（GX:145）")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def _lines(answer: atlas.Answer) -> list[str]:
    lines: list[str] = []

    def block(title: str, rows: list[str]) -> None:
        if rows:
            lines.append(f"{title}")
            lines.extend(f"  {row}" for row in rows)

    block("术语", [f"{t.chinese} = {t.english}：{t.meaning}" for t in answer.terms])
    block("房间", [f"{place}  {text}".rstrip() for place, text in answer.rooms])
    block("页面", [f"{p.path}  {p.title}（{p.source}）" for p in answer.pages])
    block("文档", [f"{place}  {text[:60]}" for place, text in answer.docs])
    block("测试", answer.tests)
    block(
        "条款",
        [
            f"{r.id} {r.title}（{'、'.join(r.clauses)}）{_STATES.get(r.state, r.state)}"
            + (f"：{r.note}" if r.note else "")
            for r in answer.requirements
        ],
    )
    return lines


def run(args: argparse.Namespace) -> int:
    """Print what is known; exit code 1 when nothing is."""
    answer = atlas.find(" ".join(args.word))
    if args.json:
        print(json.dumps(asdict(answer), ensure_ascii=False, indent=1))
    elif answer:
        print("\n".join(_lines(answer)))
    else:
        print(f"没有找到「{answer.word}」。可以换一个词，或查看 docs/glossary.md。")
    return 0 if answer else 1
