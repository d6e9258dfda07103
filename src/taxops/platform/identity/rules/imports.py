"""What an uploaded organisation table would do (机构导入): a plan, or every row's problems, nothing between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from taxops.engines.base import RowProblem
from taxops.platform.identity.terms import OrgLevel

from .organisations import MAX_PATH, code_problem, parse_day, parse_level, placing_problem

REQUIRED = ("机构代码", "机构名称", "层级", "上级代码", "成立日期")
OPTIONAL = ("简称", "撤销日期")
MAX_ROWS = 20_000
MAX_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of the table (导入行): its number, header included, and its cells by column name."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Return the cell of a column, stripped; empty when there is none."""
        return (self.cells.get(column) or "").strip()


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """An organisation as stored (机构现状)."""

    code: str
    name: str
    level: str
    parent: str | None
    valid_from: date
    valid_to: date | None = None
    short_name: str = ""


@dataclass(frozen=True, slots=True)
class PlannedOrg:
    """What becomes of one organisation (拟变更): `before` None when it is new."""

    row: int
    after: OrgFacts
    before: OrgFacts | None = None

    @property
    def is_moved(self) -> bool:
        """Whether it gets another parent."""
        return self.before is not None and self.before.parent != self.after.parent

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """Names of the fields that differ, the parent apart."""
        if self.before is None:
            return ()
        names = ("name", "short_name", "level", "valid_from", "valid_to")
        return tuple(name for name in names if getattr(self.before, name) != getattr(self.after, name))


@dataclass(slots=True)
class ImportPlan:
    """What an import would do (导入预览); with problems it does nothing."""

    added: list[PlannedOrg] = field(default_factory=list)
    changed: list[PlannedOrg] = field(default_factory=list)
    moved: list[PlannedOrg] = field(default_factory=list)
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """One Chinese sentence about it."""
        return (
            f"新增 {len(self.added)} 个，修改 {len(self.changed)} 个，"
            f"调整隶属 {len(self.moved)} 个，不变 {self.unchanged} 个。"
        )


def plan_import(rows: Sequence[ImportRow], existing: Mapping[str, OrgFacts], today: date) -> ImportPlan:
    """Return what the rows would do to the tree, or what is wrong with each (导入校验).

    A code that is stored already is changed to what its row says; codes not in the table stay as they are.
    """
    plan = ImportPlan()
    wanted: dict[str, tuple[ImportRow, OrgFacts]] = {}
    first_row: dict[str, int] = {}
    for row in rows:
        code = row.get("机构代码").upper()
        if code and code in first_row:
            plan.problems.append(
                RowProblem(row.number, "机构代码", f"代码 {code} 与第 {first_row[code]} 行重复。")
            )
            continue
        if code:
            first_row[code] = row.number
        facts = _facts(row, code, today, plan.problems, existing.get(code))
        if facts is not None:
            wanted[code] = (row, facts)
    _check_tree(wanted, existing, set(first_row), plan.problems)
    plan.problems.sort(key=lambda problem: problem.row)
    del plan.problems[MAX_PROBLEMS:]
    if not plan.problems:
        _sort_out(wanted, existing, plan)
    return plan


def _facts(
    row: ImportRow, code: str, today: date, problems: list[RowProblem], before: OrgFacts | None
) -> OrgFacts | None:
    """Return what a row says, or None after adding its problems."""
    found: list[tuple[str, str]] = []
    wrong = code_problem(code)
    if wrong:
        found.append(("机构代码", wrong))
    name, short_name = row.get("机构名称"), row.get("简称")
    if not name:
        found.append(("机构名称", "没有填写机构名称。"))
    elif len(name) > 120:
        found.append(("机构名称", "机构名称超过 120 个字。"))
    if len(short_name) > 40:
        found.append(("简称", "简称超过 40 个字。"))
    level = parse_level(row.get("层级"))
    if level is None:
        known = "、".join(entry.label for entry in OrgLevel)
        found.append(("层级", f"「{row.get('层级')[:20]}」不是机构层级，可填：{known}。"))
    valid_from, valid_to = _days(row, today, found, before)
    if found or level is None or valid_from is None:
        problems.extend(RowProblem(row.number, column, what) for column, what in found)
        return None
    if "简称" not in row.cells and before is not None:
        short_name = before.short_name
    parent = row.get("上级代码").upper() or None
    return OrgFacts(code, name, level.value, parent, valid_from, valid_to, short_name)


def _days(
    row: ImportRow, today: date, found: list[tuple[str, str]], before: OrgFacts | None
) -> tuple[date | None, date | None]:
    """Return the two dates of a row, adding what is wrong with them."""
    text = row.get("成立日期")
    start = parse_day(text)
    if start is None:
        wrong = f"「{text[:20]}」不是日期，请按 2018-06-15 的样式填写。" if text else "没有填写成立日期。"
        found.append(("成立日期", wrong))
    elif start > today:
        found.append(("成立日期", f"{start} 在今天（{today}）之后，未来的日期不能导入。"))
    text = row.get("撤销日期")
    if not text:
        kept = before.valid_to if before is not None and "撤销日期" not in row.cells else None
        return start, kept
    end = parse_day(text)
    if end is None:
        found.append(("撤销日期", f"「{text[:20]}」不是日期，请按 2026-06-30 的样式填写。"))
    elif end > today:
        found.append(("撤销日期", f"{end} 在今天（{today}）之后，未来的日期不能导入。"))
    elif start is not None and end <= start:
        found.append(("撤销日期", "撤销日期必须晚于成立日期。"))
    return start, end


def _check_tree(
    wanted: Mapping[str, tuple[ImportRow, OrgFacts]],
    existing: Mapping[str, OrgFacts],
    in_table: set[str],
    problems: list[RowProblem],
) -> None:
    """Add what is wrong with the tree as it would be: unknown parents, loops, levels, depth."""
    after: dict[str, OrgFacts] = {**existing, **{code: facts for code, (_, facts) in wanted.items()}}
    in_loop = _loops(after)
    children: dict[str, list[OrgFacts]] = {}
    for facts in existing.values():
        if facts.parent and facts.code not in wanted:
            children.setdefault(facts.parent, []).append(facts)
    for code, (row, facts) in wanted.items():
        if facts.parent and facts.parent not in after:
            if facts.parent not in in_table:  # else its own row is what is wrong
                what = f"上级代码 {facts.parent} 既不在表中，也不在系统中。"
                problems.append(RowProblem(row.number, "上级代码", what))
            continue
        if code in in_loop:
            what = f"隶属关系成环：{in_loop[code]}。"
            problems.append(RowProblem(row.number, "上级代码", what))
            continue
        parent = after[facts.parent] if facts.parent else None
        wrong = placing_problem(facts.level, parent.level if parent else None)
        if wrong:
            problems.append(RowProblem(row.number, "层级", wrong))
        if parent is not None and facts.valid_to is None and parent.valid_to is not None:
            what = f"上级机构 {parent.code} 已于 {parent.valid_to} 撤销。"
            problems.append(RowProblem(row.number, "上级代码", what))
        _check_children(row, facts, children.get(code, ()), problems)
        if len(_chain(facts, after, in_loop)) > MAX_PATH:
            problems.append(RowProblem(row.number, "上级代码", "层级过深，代码路径超过 200 个字符。"))


def _check_children(
    row: ImportRow, facts: OrgFacts, children: Iterable[OrgFacts], problems: list[RowProblem]
) -> None:
    """Add a problem when units below, which the table does not mention, no longer fit."""
    for child in children:
        if child.valid_to is not None:
            continue
        if placing_problem(child.level, facts.level):
            what = f"改为{OrgLevel(facts.level).label}后，下级机构 {child.code}（{child.name}）的层级不符。"
            problems.append(RowProblem(row.number, "层级", what))
            return
        if facts.valid_to is not None:
            what = f"还有未撤销的下级机构 {child.code}（{child.name}），不能撤销。"
            problems.append(RowProblem(row.number, "撤销日期", what))
            return


def _chain(facts: OrgFacts, after: Mapping[str, OrgFacts], in_loop: Mapping[str, str]) -> str:
    """Return the path that a unit would have, as far as it leads to a root and not into a loop."""
    path, step = "", facts
    while len(path) <= MAX_PATH:
        path = f"{step.code}/{path}"
        if step.parent is None or step.parent not in after or step.parent in in_loop:
            break
        step = after[step.parent]
    return path


def _loops(after: Mapping[str, OrgFacts]) -> dict[str, str]:
    """Return code → the loop it lies on, written as a path (成环的隶属关系)."""
    found: dict[str, str] = {}
    done: set[str] = set()
    for start in after:
        trail: list[str] = []
        places: dict[str, int] = {}
        step: str | None = start
        while step is not None and step in after and step not in done and step not in places:
            places[step] = len(trail)
            trail.append(step)
            step = after[step].parent
        if step is not None and step in places:
            loop = trail[places[step] :]
            for place, code in enumerate(loop):
                turned = [*loop[place:], *loop[:place], code]
                found[code] = " → ".join(turned if len(turned) <= 12 else [*turned[:11], "…", code])
        done.update(trail)
    return found


def _sort_out(
    wanted: Mapping[str, tuple[ImportRow, OrgFacts]], existing: Mapping[str, OrgFacts], plan: ImportPlan
) -> None:
    """Put each row where it belongs: added, changed, moved or unchanged; parents before children."""
    placed: set[str] = set()

    def place(code: str) -> None:
        trail = []
        step: str | None = code
        while step is not None and step in wanted and step not in placed:
            trail.append(step)
            placed.add(step)
            step = wanted[step][1].parent
        for code in reversed(trail):
            row, facts = wanted[code]
            entry = PlannedOrg(row.number, facts, existing.get(code))
            if entry.before is None:
                plan.added.append(entry)
            elif entry.is_moved:
                plan.moved.append(entry)
            elif entry.changed_fields:
                plan.changed.append(entry)
            else:
                plan.unchanged += 1

    for code in wanted:
        place(code)
