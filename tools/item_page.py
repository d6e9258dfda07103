"""The page of the contracts' 23 items (检查项目一览): template, kinds, what each was carried out against, its tests.

Written from the items, the built-in templates and the kinds' declarations, so that it cannot be out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from taxops.engines.checks import Kind, check_kinds  # the path is set above
from taxops.systems.operations.blueprints.builtin import built_in
from taxops.systems.operations.monitoring.items import Item, all_items

ROOT = Path(__file__).resolve().parent.parent
JUDGED_HERE = {
    "heartbeat": "tests/systems/operations/monitoring/services/test_heartbeats.py",
    "manual": "tests/systems/operations/manual/test_services.py",
}
"""Kinds that the platform judges by what arrives: nothing is connected to, so their tests are the service's."""


def test_of(kind: Kind) -> str:
    """Return the path of the tests that carry a kind out: those of its module, or its folder of them.

    Raises:
        LookupError: there are none.
    """
    if kind.passive:
        return JUDGED_HERE[kind.name]
    module = kind.prepare.__module__.removeprefix("taxops.engines.checks.kinds.") if kind.prepare else ""
    place = module.replace(".", "/")
    folder, name = ("/" + place).rsplit("/", 1)
    found = f"tests/engines/checks/kinds{folder}/test_{name}.py"
    if not (ROOT / found).is_file():
        raise LookupError(f"kind {kind.name} has no tests: {found}")
    return found


def peer_of(kind: Kind) -> str:
    """Return what the tests carry a kind out against, in words."""
    if kind.passive:
        return "由平台判断，不连接外部系统"
    return kind.verified_against or f"**未对真实系统验证**；{kind.stand_in}"


def templates_of(item: Item) -> list[tuple[str, int]]:
    """Return the built-in templates that hold an item, each with how many of its checks."""
    counted = [
        (one.name, sum(e.get("item") == item.code for e in one.content["entries"])) for one in built_in()
    ]
    return [(name, count) for name, count in counted if count]


def _row(item: Item) -> str:
    kinds = [check_kinds.get(name) for name in dict.fromkeys(sample.kind for sample in item.samples)]
    tests = [test_of(kind) for kind in kinds]
    cells = [
        item.code,
        item.name,
        item.clause,
        "<br>".join(f"{name}（{count} 条）" for name, count in templates_of(item)),
        "<br>".join(f"{kind.title} `{kind.name}`" for kind in kinds),
        "<br>".join(peer_of(kind) for kind in kinds),
        "<br>".join(f"[{Path(test).name}](../{test})" for test in tests),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def item_page() -> str:
    """Return docs/items.zh-CN.md."""
    unproven = [
        kind for _, kind in sorted(check_kinds.items()) if not kind.passive and not kind.verified_against
    ]
    lines = [
        "# 检查项目一览",
        "",
        "由 `./run docs` 从监控内容、内置模板和检查类型的声明生成，请勿手改。招标文件列明的 23 项，每项由哪个模板建立、"
        "用哪些检查类型、自动测试对什么执行过、测试在哪里；类型、对象、测试逐行对应。各类型的参数见[检查类型](kinds.zh-CN.md)。",
        "",
        "单项也可以在「监控内容覆盖」里套用；各单位自己的验证情况见页面「检查项目对照」。",
        "",
        "| 编号 | 监控内容 | 条款 | 内置模板 | 检查类型 | 自动测试对什么执行过 | 测试 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_row(item) for item in all_items()),
        "",
        "## 从未对真实系统验证的检查类型",
        "",
        "这里没有条件连接真实系统的，自动测试用替身；页面上写明「从未对真实系统验证」，直到本单位与该系统自带的工具对照、"
        "在「检查项目对照」里「确认已验证」（可撤回，都有审计记录）。",
        "",
        "| 类型 | 代码 | 替身 | 测试 |",
        "| --- | --- | --- | --- |",
        *(
            f"| {kind.title} | `{kind.name}` | {kind.stand_in} | [{Path(test_of(kind)).name}](../{test_of(kind)}) |"
            for kind in unproven
        ),
    ]
    return "\n".join(lines) + "\n"
