"""Importing assets from a table (资产导入): what each row would do, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from taxops.engines.base import RowProblem

from .graph import Edge, find_path
from .schema import RESERVED, Field, shown, validate

COLUMNS = ("资产编号", "名称", "资产类型", "所属机构")
RELATIONS: Mapping[str, str] = {
    "上级资产": "part_of",
    "运行于": "runs_on",
    "依赖": "depends_on",
    "位于": "located_in",
}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_MAX_PROBLEMS = 500
_MAX_LOOPS = 20


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of the table."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Return a cell's text."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True, slots=True)
class KnownType:
    """An asset type as an import needs it."""

    id: int
    code: str
    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class PlannedAsset:
    """An asset as a row wants it; `relations` are kind and the other's code."""

    row: int
    code: str
    name: str
    type_id: int
    org: str
    state: str
    attributes: Mapping[str, Any]
    valid_from: date | None
    valid_to: date | None
    relations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is there before the import.

    Args:
        types: by code and by Chinese name.
        orgs: codes of the organisations that the importer may put assets into; False: it exists, but not for him.
        states: Chinese label → code.
        assets: code → the asset as it is, or None when it is outside the importer's scope.
        edges: relations there are, by code.
    """

    types: Mapping[str, KnownType]
    orgs: Mapping[str, bool]
    states: Mapping[str, str]
    assets: Mapping[str, PlannedAsset | None]
    edges: Sequence[tuple[str, str, str]] = ()


@dataclass(slots=True)
class ImportPlan:
    """What an import would do (导入预览); with problems it does nothing."""

    added: list[PlannedAsset] = field(default_factory=list)
    changed: list[PlannedAsset] = field(default_factory=list)
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """One Chinese sentence about it."""
        return f"新增 {len(self.added)} 项，修改 {len(self.changed)} 项，不变 {self.unchanged} 项。"


def plan_import(rows: Sequence[ImportRow], known: Known) -> ImportPlan:
    """Return what the rows would do, or what is wrong with each.

    An asset that is there already is changed to what its row says; assets not in the table stay. A
    relation column that is in the table states all relations of its kind; one that is not leaves them.
    """
    plan = ImportPlan()
    first_row: dict[str, int] = {}
    wanted: dict[str, PlannedAsset] = {}
    for row in rows:
        code = row.get("资产编号")
        if code in first_row:
            what = f"编号 {code} 与第 {first_row[code]} 行重复。"
            plan.problems.append(RowProblem(row.number, "资产编号", what))
            continue
        first_row[code] = row.number
        problems, asset = _read(row, known)
        plan.problems += problems
        if asset is not None:
            wanted[code] = asset
    plan.problems += _check_relations(wanted, set(first_row), known)
    plan.problems.sort(key=lambda problem: problem.row)
    del plan.problems[_MAX_PROBLEMS:]
    for code, asset in wanted.items():
        before = known.assets.get(code)
        if before is None:
            plan.added.append(asset)
        elif _same(before, asset):
            plan.unchanged += 1
        else:
            plan.changed.append(asset)
    return plan


def _same(before: PlannedAsset, after: PlannedAsset) -> bool:
    mentioned = {kind for kind, _ in after.relations}
    kept = tuple(sorted(r for r in before.relations if r[0] in mentioned and r[1]))
    told = tuple(sorted(r for r in after.relations if r[1]))
    return kept == told and all(
        getattr(before, name) == getattr(after, name)
        for name in ("name", "type_id", "org", "state", "attributes", "valid_from", "valid_to")
    )


def _read(row: ImportRow, known: Known) -> tuple[list[RowProblem], PlannedAsset | None]:
    """Return the asset of one row, or its problems."""
    problems: list[RowProblem] = []

    def wrong(column: str, what: str) -> None:
        problems.append(RowProblem(row.number, column, what))

    code, name = row.get("资产编号"), row.get("名称")
    if not CODE.fullmatch(code):
        said = f"编号「{code[:20]}」不正确" if code else "请填写编号"
        wrong("资产编号", f"{said}，只能用字母、数字、点、横线和下划线，最多 60 个字符。")
    elif code in known.assets and known.assets[code] is None:
        wrong("资产编号", f"编号 {code} 已被您管理范围之外的资产使用。")
    if not name or len(name) > 120:
        wrong("名称", "请填写，最多 120 个字。")
    kind = known.types.get(row.get("资产类型"))
    if kind is None:
        wrong("资产类型", f"没有名为「{row.get('资产类型')[:20]}」的资产类型。")
    org = row.get("所属机构")
    if org not in known.orgs:
        wrong("所属机构", f"没有代码为「{org[:20]}」的机构。")
    elif not known.orgs[org]:
        wrong("所属机构", f"机构 {org} 不在您的管理范围内。")
    state = known.states.get(row.get("状态") or "在用")
    if state is None:
        wrong("状态", f"没有名为「{row.get('状态')[:20]}」的状态，可用：{'、'.join(known.states)}。")
    start, end = _day(row, "启用日期", problems), _day(row, "停用日期", problems)
    if start and end and end <= start:
        wrong("停用日期", "停用日期必须晚于启用日期。")
    attributes = _attributes(row, kind, problems) if kind else {}
    if problems or kind is None or state is None:
        return problems, None
    relations = tuple(
        (relation, other)
        for column, relation in RELATIONS.items()
        if column in row.cells
        for other in (_codes(row.get(column)) or [""])
    )
    asset = PlannedAsset(
        row.number, code, name, kind.id, org, state, attributes, start, end, relations
    )  # fmt: skip
    return [], asset


def _codes(cell: str) -> list[str]:
    """Return the codes in a cell, which may be separated by any usual mark."""
    return list(dict.fromkeys(part for part in re.split(r"[\s,;，；、]+", cell) if part))


def _day(row: ImportRow, column: str, problems: list[RowProblem]) -> date | None:
    text = row.get(column)
    if not text:
        return None
    clean, wrong = validate([Field("day", column, "date")], {"day": text})
    if wrong:
        problems.append(RowProblem(row.number, column, wrong["day"].removeprefix(f"「{column}」")))
        return None
    return date.fromisoformat(clean["day"])


def _attributes(row: ImportRow, kind: KnownType, problems: list[RowProblem]) -> dict[str, Any]:
    """Return a row's attributes by its type's schema; a column of another type must be empty here."""
    by_label = {field.label: field for field in kind.fields}
    given = {by_label[column].name: cell for column, cell in row.cells.items() if column in by_label}
    for column, cell in row.cells.items():
        if cell.strip() and column not in by_label and column not in RESERVED:
            what = f"{kind.name}没有这个属性，请留空或改正表头。"
            problems.append(RowProblem(row.number, column, what))
    clean, wrong = validate(kind.fields, given)
    labels = {field.name: field.label for field in kind.fields}
    for name, what in wrong.items():
        label = labels.get(name, name)
        problems.append(RowProblem(row.number, label, what.removeprefix(f"「{label}」")))
    return clean


def _check_relations(
    wanted: Mapping[str, PlannedAsset], in_table: set[str], known: Known
) -> list[RowProblem]:
    """Return a problem for each relation to nothing, to itself, to two places, or in a loop."""
    problems: list[RowProblem] = []
    columns = {kind: column for column, kind in RELATIONS.items()}
    stated = {(code, kind) for code, asset in wanted.items() for kind, _ in asset.relations}
    edges = {edge for edge in known.edges if (edge[0], edge[1]) not in stated}
    for code, asset in wanted.items():
        for kind, other in asset.relations:
            if not other:
                continue
            column = columns[kind]
            if other == code:
                problems.append(RowProblem(asset.row, column, "资产不能与自己建立关系。"))
            elif other not in in_table and known.assets.get(other) is None:
                problems.append(RowProblem(asset.row, column, f"没有编号为「{other[:30]}」的资产。"))
            else:
                edges.add((code, kind, other))
        if len([1 for kind, other in asset.relations if kind == "located_in" and other]) > 1:
            problems.append(RowProblem(asset.row, "位于", "一项资产只能位于一处。"))
    for kind, column in columns.items():
        of_kind = {(a, b) for a, relation, b in edges if relation == kind}
        for loop in _loops(of_kind, [code for code in wanted if (code, kind) in stated]):
            what = f"关系成环：{' → '.join([*loop, loop[0]])}。"
            problems.append(RowProblem(wanted[loop[0]].row, column, what))
    return problems


def _loops(pairs: set[tuple[str, str]], starts: Sequence[str]) -> list[list[str]]:
    """Return loops that pass through one of `starts`, at most twenty, none twice."""
    knotted = _knotted(pairs)
    names = sorted({name for pair in knotted for name in pair})
    numbers = {name: number for number, name in enumerate(names)}
    graph = [Edge(numbers[a], "", numbers[b]) for a, b in sorted(knotted)]
    found: list[list[str]] = []
    told: set[str] = set()
    for start in starts:
        if start in told or start not in numbers or len(found) >= _MAX_LOOPS:
            continue
        for edge in graph:
            way = find_path(graph, edge.target, edge.source) if edge.source == numbers[start] else []
            if way:
                found.append([start, *(names[step] for step in way[:-1])])
                told.update(found[-1])
                break
    return found


def _knotted(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return what is left of a graph when everything that leads nowhere is taken away, again and again."""
    into: dict[str, list[str]] = {}
    n_onward: dict[str, int] = {}
    for source, target in pairs:
        into.setdefault(target, []).append(source)
        n_onward[source] = n_onward.get(source, 0) + 1
        n_onward.setdefault(target, 0)
    ends = [name for name, count in n_onward.items() if not count]
    gone: set[str] = set()
    while ends:
        end = ends.pop()
        gone.add(end)
        for source in into.get(end, ()):
            n_onward[source] -= 1
            if not n_onward[source]:
                ends.append(source)
    return {(source, target) for source, target in pairs if source not in gone and target not in gone}


def attribute_cells(kind: KnownType, attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return attributes as the columns of an export, which an import takes back."""
    return {
        item.label: shown(Field(item.name, item.label, item.kind), attributes.get(item.name))
        for item in kind.fields
    }
