"""From the warehouse to stored figures (指标计算入库): all live definitions, one period, every unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from taxops.engines.base import Unavailable
from taxops.engines.indicators import Library, Period, library_of, run
from taxops.engines.warehouse import Engine, Store, StoredLake, open_engine, shipped_schema
from taxops.platform.identity.models import OrgUnit

from . import queries, services
from .rules import Figure


def folder() -> Path:
    """Return where the warehouse lies in this installation."""
    return Path(settings.CONFIG.data) / "warehouse"


def warehouse(root: Path) -> Engine:
    """Return the engine over the warehouse in this folder, as its manifest stands now.

    Raises:
        Unavailable: nothing was loaded yet.
    """
    lake = StoredLake(Store(root), shipped_schema())
    if not lake.months("org"):
        raise Unavailable(
            "数据仓库里还没有数据，不能计算指标。", "请先装载数据，或在演示环境等待后台作业完成。"
        )
    return open_engine(lake)


def library() -> Library:
    """Return the definitions that count now."""
    return library_of([d for _, d in queries.live_definitions().values()])


def units(engine: Engine) -> dict[int, int]:
    """Return the warehouse's unit number → organisation id, matched by the bureau's code."""
    ids = dict(OrgUnit.objects.filter(valid_to=None).values_list("code", "pk"))
    rows = engine.lake.arrow("org").select(["org_id", "code"]).to_pylist()
    return {row["org_id"]: ids[row["code"]] for row in rows if row["code"] in ids}


@dataclass(frozen=True, slots=True)
class Computed:
    """Figures of one period as the warehouse gives them now (计算结果), not stored yet.

    Args:
        period: what they are of.
        figures: (code, organisation id) → figure.
        versions: code → definition version that was computed.
        marks: code → fingerprint.
        inputs: code → table → month → version of what was read.
        manifest: number of the warehouse's manifest; None where the data lies in no folder.
        problems: code → (check, what it found wrong) for every indicator that was computed.
    """

    period: str
    figures: Mapping[tuple[str, int], Figure]
    versions: Mapping[str, int]
    marks: Mapping[str, str]
    inputs: Mapping[str, Mapping[str, Mapping[str, int]]]
    manifest: int | None
    problems: Mapping[str, Sequence[tuple[str, str]]]


def computed(
    root: Path,
    period: str,
    *,
    codes: Iterable[str] | None = None,
    tell: Callable[[str], None] | None = None,
) -> Computed:
    """Compute figures of a period from the warehouse, and store nothing.

    Args:
        root: the warehouse's folder.
        period: `2025-06`, `2025Q2` or `2025`.
        codes: which indicators; all that count by default.
        tell: is told what is being done.

    Raises:
        Unavailable: nothing was loaded. BadInput: no period.
    """
    manifest = (
        Store(root).manifest().number or None
    )  # before the engine opens: never newer than what it reads
    engine, found = warehouse(root), library()
    whole = Period.parse(period)
    wanted = list(codes) if codes is not None else list(found.definitions)
    if tell is not None:
        tell(f"计算 {whole} 的 {len(wanted)} 个指标")
    done = run(found, engine, wanted, whole)
    known = units(engine)
    figures: dict[tuple[str, int], Figure] = {}
    marks: dict[str, str] = {}
    for r in done.results:
        org = known.get(r.subject[0])
        if org is not None:
            figures[r.code, org] = Figure(_plain(r.num), _plain(r.den), _plain(r.value), r.state.value)
            marks[r.code] = r.fingerprint
    versions = {code: number for code, (number, _) in queries.live_definitions(wanted).items()}
    problems = {
        code: [(one.check, one.text) for one in done.findings.get(code, ()) if not one.ok] for code in wanted
    }
    return Computed(str(whole), figures, versions, marks, done.inputs, manifest, problems)


def record(done: Computed) -> int:
    """Store computed figures and what the checks of their data found; return how many figures."""
    services.record_problems(done.period, done.problems)
    return services.record_results(
        done.figures, period=done.period, versions=done.versions, fingerprints=done.marks, manifest=done.manifest
    )  # fmt: skip


def compute(
    root: Path,
    period: str,
    *,
    codes: Iterable[str] | None = None,
    tell: Callable[[str], None] | None = None,
) -> int:
    """Compute figures of a period from the warehouse and store them; return how many.

    Raises:
        Unavailable: nothing was loaded. BadInput: no period.
    """
    return record(computed(root, period, codes=codes, tell=tell))


def _plain(value: float | None) -> float | None:
    return None if value is None else float(value)
