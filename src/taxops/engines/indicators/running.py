"""Running indicators (指标计算): from codes and a period to results, in as few passes as the data allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from taxops.engines.base import BadInput, later
from taxops.engines.warehouse import Engine, demand_clearance

from .definition import Agg, Definition, IndicatorKind, Measure, Subject
from .expert import run_sql, sql_fingerprint, sql_inputs
from .external import external_values
from .language import parse
from .library import Library
from .model import Node, Result, Run, SubjectKey
from .passes import Need, Work, provide
from .period import MONTHS, Mode, Period
from .quality import Finding, check_data, state_of, value_findings
from .rolling import Tree, read_tree
from .slices import fingerprint, inputs_of, part_of, slices_of
from .states import VALUE, MemoryStates, States, added
from .valuing import Cell, Number, Value, evaluate, reads

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = later("pyarrow")


def run(
    library: Library,
    engine: Engine,
    codes: Iterable[str],
    period: Period,
    mode: Mode = Mode.CURRENT,
    *,
    states: States | None = None,
    fused: bool = True,
) -> Run:
    """Return the results of indicators for a period: every unit, or every taxpayer with data.

    Args:
        library: the definitions in force.
        engine: where the data is.
        codes: which indicators; what they stand on is computed as well, but not returned.
        period: month, quarter or year.
        mode: current, or from January to the period's end.
        states: kept monthly states; what is there under the same fingerprint is not computed again.
        fused: False gives every measure a scan of its own, for comparison.

    Raises:
        NotFound: no such indicator.
        BadInput: an indicator is not published for so short a period, or not in this mode.
        Unavailable: the engine has not passed the conformance suite.
    """
    demand_clearance(engine)
    computation = _Computation(library, engine, states or MemoryStates(), fused)
    wanted = list(dict.fromkeys(codes))
    for code in wanted:
        _allowed(library.get(code), period, mode)
    return computation.run(wanted, period, mode)


def _allowed(d: Definition, period: Period, mode: Mode) -> None:
    if period.months < MONTHS[d.grain]:
        raise BadInput(
            f"指标 {d.code} 按{d.grain.label}统计，不能按更短的 {period} 计算。", "请选更长的统计期。"
        )
    if mode not in d.modes and mode is not Mode.CURRENT:
        raise BadInput(
            f"指标 {d.code} 没有{mode.label}口径。", f"可用的有：{'、'.join(m.label for m in d.modes)}。"
        )


@dataclass(slots=True)
class _Computation:
    """One run under way."""

    library: Library
    engine: Engine
    states: States
    fused: bool
    work: Work = field(default_factory=Work)
    values: dict[Node, dict[SubjectKey, Value]] = field(default_factory=dict)
    inputs: dict[Node, dict[str, dict[str, int]]] = field(default_factory=dict)
    marks: dict[Node, str] = field(default_factory=dict)
    _tree: Tree | None = None

    @property
    def tree(self) -> Tree:
        """Return the organisation, read once."""
        if self._tree is None:
            self._tree = read_tree(self.engine)
        return self._tree

    def run(self, codes: Sequence[str], period: Period, mode: Mode) -> Run:
        nodes = self._nodes([Node(c, period, mode) for c in codes])
        self._measured(
            [n for n in nodes if self._definition(n).num is not None and not self._definition(n).sql]
        )
        for node in nodes:
            if node not in self.values:
                self._other(node)
            self._mark(node)
        results: list[Result] = []
        shown_period = str(period)
        findings: dict[str, tuple[Finding, ...]] = {}
        for code in codes:
            node = Node(code, period, mode)
            d = self._definition(node)
            findings[code] = tuple(check_data(self.engine, d, period, mode))
            has_data = self._has_data(node)
            for subject, value in self.values[node].items():
                seen = [*findings[code], *value_findings(d, value)]
                state, reasons = state_of(d, value, seen, has_data=has_data)
                shown = value.value if has_data else None
                results.append(
                    Result(
                        code=code,
                        version=d.version,
                        subject=subject,
                        period=shown_period,
                        mode=mode,
                        num=value.num,
                        den=value.den,
                        value=shown,
                        state=state,
                        reasons=reasons,
                        fingerprint=self.marks[node],
                    )
                )
        inputs = {c: self.inputs[Node(c, period, mode)] for c in codes}
        return Run(tuple(results), inputs, findings, self.work)

    def _definition(self, node: Node) -> Definition:
        return self.library.get(node.code)

    def _nodes(self, wanted: list[Node]) -> list[Node]:
        """Return nodes and all they stand on, those first."""
        done: dict[Node, None] = {}

        def visit(node: Node) -> None:
            if node not in done:
                for other in self._below(node):
                    visit(other)
                done[node] = None

        for node in wanted:
            visit(node)
        return list(done)

    def _below(self, node: Node) -> list[Node]:
        d = self._definition(node)
        whole = node.whole
        if d.kind is IndicatorKind.OFFSET:
            return [Node(next(iter(d.of.values())), whole.earlier(d.back), node.mode)]
        if d.kind is IndicatorKind.CUMULATIVE:
            window = whole.window(d.months) if d.months else whole.to_date()
            return [Node(next(iter(d.of.values())), window, Mode.CURRENT)]
        found = []
        for text in d.expr.values():
            for alias, which, n in sorted(reads(parse(text))):
                found.append(self._referred(node, d.of[alias], which, n))
        return found

    @staticmethod
    def _referred(node: Node, code: str, which: str, n: int) -> Node:
        if which == "prev":
            return Node(code, node.whole.earlier(n * node.whole.months), node.mode)
        if which == "ytd":
            return Node(code, node.whole, Mode.YTD)
        return Node(code, node.whole, node.mode)

    # ------------------------------------------------------------ measured

    def _measured(self, nodes: list[Node]) -> None:
        """Compute all measured nodes at once, so that what shares a scan is scanned once."""
        plan: dict[tuple[Node, int], list[Need]] = {}
        for node in nodes:
            d = self._definition(node)
            for number, measure in enumerate(d.measures):
                part = part_of(d, measure)
                slices = slices_of(part, node.whole, node.mode)
                plan[node, number] = [Need(part, one, d.subject) for one in slices]
        wanted = [need for needs in plan.values() for need in needs]
        found = provide(self.engine, wanted, self.states, self.work, fused=self.fused)
        for node in nodes:
            d = self._definition(node)
            sides: list[dict[SubjectKey, Number | None]] = []
            inputs: dict[str, dict[str, int]] = {}
            for number, measure in enumerate(d.measures):
                needs = plan[node, number]
                sides.append(self._side(d, measure, needs, [found[n] for n in needs]))
                for need in needs:
                    for table, versions in inputs_of(self.engine.lake, need.part, need.one).items():
                        inputs.setdefault(table, {}).update(versions)
            self.inputs[node] = inputs
            self.values[node] = self._together(d, sides)

    def _side(
        self, d: Definition, measure: Measure, needs: list[Need], states: list[pa.Table]
    ) -> dict[SubjectKey, Number | None]:
        """Return subject → numerator (or denominator), rolled up where it adds up."""
        keys = [c for c in states[0].column_names if c != VALUE]
        sums = added(states, keys)
        leaves: dict[SubjectKey, Any] = {k: v for k, v in sums.items() if None not in k}  # type: ignore[misc]
        if d.subject is Subject.ORG and not needs[0].climbs:
            leaves = {(k,): v for k, v in self.tree.sums({k[0]: v for k, v in leaves.items()}).items()}
        if measure.per != 1:
            leaves = {k: None if v is None else v / measure.per for k, v in leaves.items()}
        return leaves

    def _together(
        self, d: Definition, sides: list[dict[SubjectKey, Number | None]]
    ) -> dict[SubjectKey, Value]:
        num = sides[0]
        den = sides[1] if len(sides) > 1 else None
        subjects: list[SubjectKey]
        if d.subject is Subject.ORG:
            subjects = [(unit,) for unit in self.tree.orgs]
        else:
            subjects = sorted(set(num) | set(den or ()))
        zero = 0 if d.num is not None and (d.num.additive or d.num.agg is Agg.NUNIQUE) else None
        found = {}
        for subject in subjects:
            n = num.get(subject, zero)
            q = None if den is None else den.get(subject, 0)
            found[subject] = Value(n, q, _value(d, n, q))
        return found

    # ------------------------------------------------------------ standing on others

    def _other(self, node: Node) -> None:
        d = self._definition(node)
        if d.sql:
            self._sql(node, d)
        elif d.kind is IndicatorKind.EXTERNAL:
            whole = node.whole.to_date() if node.mode is Mode.YTD else node.whole
            found = external_values(self.engine, d, whole, self.tree)
            self.values[node] = {(u,): found.get(u, Value()) for u in self.tree.orgs}
            months = [str(m) for m in whole.each_month()]
            self.inputs[node] = {"ext_value": self.engine.lake.versions("ext_value", months)}
        elif d.kind in {IndicatorKind.OFFSET, IndicatorKind.CUMULATIVE}:
            (below,) = self._below(node)
            self.values[node] = dict(self.values[below])
            self.inputs[node] = self.inputs[below]
        else:
            self._derived(node, d)

    def _sql(self, node: Node, d: Definition) -> None:
        whole = node.whole.to_date() if node.mode is Mode.YTD else node.whole
        self.inputs[node] = sql_inputs(self.engine, d, whole)
        mark = sql_fingerprint(self.engine, d, whole)
        kept = self.states.get(mark)
        if kept is None:
            rows = run_sql(self.engine, d, whole)
            kept = pa.table({
                "s0": pa.array(list(rows), pa.int64()),
                "num": pa.array([float(n) if n is not None else None for n, _ in rows.values()], pa.float64()),
                "den": pa.array([float(q) if q is not None else None for _, q in rows.values()], pa.float64()),
            })  # fmt: skip
            self.states.put(mark, kept)
            self.work.passes += 1
        sides: list[dict[SubjectKey, Number | None]] = []
        for column in ("num", "den"):
            pairs = zip(kept.column("s0").to_pylist(), kept.column(column).to_pylist(), strict=True)
            leaves = {k: _whole(v) for k, v in pairs}
            rolled = self.tree.sums(leaves) if d.subject is Subject.ORG else leaves
            sides.append({(k,): v for k, v in rolled.items()})
        has_den = any(v is not None for v in kept.column("den").to_pylist()) or d.kind is IndicatorKind.RATIO
        subjects = [(u,) for u in self.tree.orgs] if d.subject is Subject.ORG else sorted(sides[0])
        self.values[node] = {}
        for s in subjects:
            n, q = sides[0].get(s, 0), sides[1].get(s, 0) if has_den else None
            self.values[node][s] = Value(n, q, _value(d, n, q))

    def _derived(self, node: Node, d: Definition) -> None:
        trees = {key: parse(text) for key, text in d.expr.items()}
        params: dict[str, Cell] = {k: v.value for k, v in d.params.items()}
        below = self._below(node)
        self.inputs[node] = {}
        for other in below:
            for table, versions in self.inputs[other].items():
                self.inputs[node].setdefault(table, {}).update(versions)
        subjects = dict.fromkeys(s for other in below for s in self.values[other])
        self.values[node] = {}
        for subject in subjects:

            def lookup(alias: str, which: str, n: int, subject: SubjectKey = subject) -> Value | None:
                return self.values[self._referred(node, d.of[alias], which, n)].get(subject)

            found = {key: evaluate(tree, lookup, params) for key, tree in trees.items()}
            self.values[node][subject] = _derived_value(d, found)

    # ------------------------------------------------------------ provenance

    def _mark(self, node: Node) -> None:
        d = self._definition(node)
        below = sorted(self.marks[o] for o in self._below(node))
        org = self.engine.lake.versions("org") if d.subject is Subject.ORG else {}
        self.marks[node] = fingerprint(
            d.formula_hash, str(node.whole), node.mode.value, self.inputs[node], below, org
        )

    def _has_data(self, node: Node) -> bool:
        """Tell whether anything was loaded of what a node counts; a small table counts as loaded when it has rows."""
        below = self._below(node)
        if below:
            return all(self._has_data(o) for o in below)
        d = self._definition(node)
        sources = {m.source for m in d.measures} or set(self.inputs[node])
        return all(self.inputs[node].get(source) for source in sources)


def _value(d: Definition, num: Number | None, den: Number | None) -> Number | None:
    """Return the value of a numerator and a denominator by the kind of a definition."""
    if num is None:
        return None
    if den is None:
        return num * d.scale if d.scale != 1 else num
    if not den:
        return None
    if d.kind is IndicatorKind.MEDIAN:
        return num
    return num / den * d.scale


def _derived_value(d: Definition, found: Mapping[str, Cell]) -> Value:
    if d.kind is IndicatorKind.RULE:
        hit = found["rule"]
        return Value() if hit is None else Value(int(bool(hit)), 1, int(bool(hit)))
    num = found["num"]
    assert num is None or isinstance(num, int | float)
    if "den" not in d.expr:
        return Value(num, None, _value(d, num, None))
    den = found["den"]
    assert den is None or isinstance(den, int | float)
    return Value(num, den, None if num is None or not den else num / den * d.scale)


def _whole(value: float | None) -> Number | None:
    return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else value
