"""Explain (解释一个数) by computing it again: definition, parameters, SQL, partitions, records, the same number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taxops.engines.base import NotFound
from taxops.engines.warehouse import Engine

from .definition import Definition, ParamValue
from .drilling import Drill, drill
from .expert import sql_text
from .library import Library
from .lineage import Origin, lineage
from .model import Result, SubjectKey
from .passes import Need, scan_expression
from .period import Mode, Period
from .rolling import read_tree
from .running import run
from .slices import part_of, slices_of
from .states import MemoryStates, States


@dataclass(frozen=True, slots=True)
class Change:
    """Why a ratio moved since the period before (变动分解).

    Args:
        before: its value then.
        rate: through the rates of the units below (and its own rows).
        mix: through their shares of the denominator. Both add up to the whole change.
    """

    before: float
    rate: float
    mix: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What stands behind one number (数的解释).

    Args:
        definition: the version that gave it.
        params: values of law or policy, with their source.
        result: the number as first computed.
        again: the number as computed anew from the data, without kept states.
        same: both are equal, fingerprint included.
        components: numbers of the indicators it stands on.
        sql: what is run, for this indicator alone.
        partitions: table → month → version it was computed from.
        columns: code → columns it comes from.
        num: records of the numerator; None where it has none of its own.
        den: records of the denominator.
        change: why it moved; None where it is no ratio or there is nothing before.
    """

    definition: Definition
    params: Mapping[str, ParamValue]
    result: Result
    again: Result
    same: bool
    components: tuple[Result, ...]
    sql: tuple[str, ...]
    partitions: Mapping[str, Mapping[str, int]]
    columns: Mapping[str, tuple[Origin, ...]]
    num: Drill | None
    den: Drill | None
    change: Change | None


def explain(
    library: Library,
    engine: Engine,
    code: str,
    period: Period,
    subject: SubjectKey,
    *,
    mode: Mode = Mode.CURRENT,
    states: States | None = None,
    samples: int = 20,
    reveal: bool = False,
) -> Explanation:
    """Return what stands behind one number, computed twice: from kept states, and from the data alone.

    Raises:
        NotFound: no such indicator, or no such subject in this period.
    """
    d = library.get(code)
    first = run(library, engine, [code], period, mode, states=states)
    anew = run(library, engine, [code], period, mode, states=MemoryStates())
    result, again = first.of(code).get(subject), anew.of(code).get(subject)
    if result is None or again is None:
        raise NotFound(f"{period} 的指标 {code} 没有这个对象的数。", "请检查机关或纳税人编号。")
    below = list(dict.fromkeys(d.of.values()))
    components = tuple(
        found for c in below if (found := _one(library, engine, c, period, mode, subject, states)) is not None
    )
    num = den = None
    if d.num is not None and not d.sql:
        tree = read_tree(engine)
        given = {"mode": mode, "limit": samples, "reveal": reveal, "tree": tree}
        num = drill(library, engine, code, period, subject, side="num", **given)  # type: ignore[arg-type]
        if d.den is not None:
            den = drill(library, engine, code, period, subject, side="den", **given)  # type: ignore[arg-type]
    return Explanation(
        definition=d,
        params=d.params,
        result=result,
        again=again,
        same=result == again,
        components=components,
        sql=tuple(_sql(engine, d, period, mode)),
        partitions=first.inputs[code],
        columns=lineage(library, engine.lake.schema, code),
        num=num,
        den=den,
        change=_change(library, engine, d, period, mode, subject, states, first.of(code)),
    )


def _one(
    library: Library,
    engine: Engine,
    code: str,
    period: Period,
    mode: Mode,
    subject: SubjectKey,
    states: States | None,
) -> Result | None:
    wanted = mode if mode in library.get(code).modes else Mode.CURRENT
    return run(library, engine, [code], period, wanted, states=states).of(code).get(subject)


def _sql(engine: Engine, d: Definition, period: Period, mode: Mode) -> list[str]:
    if d.sql:
        return [sql_text(engine, d, period.to_date() if mode is Mode.YTD else period)]
    scans: dict[tuple[object, ...], list[Need]] = {}
    for measure in d.measures:
        part = part_of(d, measure)
        for one in slices_of(part, period, mode):
            need = Need(part, one, d.subject)
            scans.setdefault(need.scan, []).append(need)
    return [engine.sql(scan_expression(engine, needs)[1]) for needs in scans.values()]


def _change(
    library: Library, engine: Engine, d: Definition, period: Period, mode: Mode, subject: SubjectKey,
    states: States | None, now: Mapping[SubjectKey, Result],
) -> Change | None:  # fmt: skip
    if d.num is None or d.den is None or d.subject.value != "org" or not (d.num.additive and d.den.additive):
        return None
    before = run(library, engine, [d.code], period.back(1), mode, states=states).of(d.code)
    a, b = before.get(subject), now[subject]
    if a is None or a.value is None or b.value is None:
        return None
    parts = _parts(engine, subject[0], before, now)
    whole_before, whole_now = float(a.den or 0), float(b.den or 0)
    rate = mix = 0.0
    for n0, d0, n1, d1 in parts:
        w0, w1 = d0 / whole_before, d1 / whole_now
        r0 = (
            n0 / d0 if d0 else float(a.num or 0) / whole_before
        )  # a unit that is new counts as average before
        r1 = n1 / d1 if d1 else r0
        rate += w1 * (r1 - r0)
        mix += (w1 - w0) * r0
    return Change(float(a.value), rate * d.scale, mix * d.scale)


def _parts(
    engine: Engine, unit: int, before: Mapping[SubjectKey, Result], now: Mapping[SubjectKey, Result]
) -> list[tuple[float, float, float, float]]:
    """Return numerators and denominators, before and now, of the units right below and of a unit's own rows."""
    found = []
    own = (*_figures(before, unit), *_figures(now, unit))
    for child in read_tree(engine).children.get(unit, ()):
        part = (*_figures(before, child), *_figures(now, child))
        own = (own[0] - part[0], own[1] - part[1], own[2] - part[2], own[3] - part[3])
        found.append(part)
    return [*found, own]


def _figures(results: Mapping[SubjectKey, Result], unit: int) -> tuple[float, float]:
    result = results[(unit,)]
    return float(result.num or 0), float(result.den or 0)
