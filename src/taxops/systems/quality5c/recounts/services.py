"""Use cases of recounts (核算): ask, carry out in the background, forget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from taxops.engines.base import BadInput, NotFound, Scope, TaxopsError
from taxops.engines.indicators import Definition, Library, Period, drill, explain, library_of, run
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.platform.jobs.services import enqueue
from taxops.systems.quality5c import lifecycle
from taxops.systems.quality5c.definitions import computing, queries
from taxops.systems.quality5c.definitions.models import IndicatorVersion
from taxops.systems.quality5c.definitions.shipped import parse_text
from taxops.systems.quality5c.lifecycle import Act, VersionState

from .models import Recount
from .rules import drill_data, explanation_data, lines_data, partition_words
from .words import RecountKind

EDIT = "quality5c.edit"
DRILL = "quality5c.drill"
JOB = "quality5c.recount"
KEPT = timedelta(days=30)
SAMPLES = 20
"""Records shown as samples."""
Tell = Callable[[int, int, str], None]


def ask_explanation(scope: Scope, figure_id: int, *, now: datetime) -> Recount:
    """Ask why a figure is what it is: it is computed anew, in the background.

    Raises:
        NotFound: no such figure within the scope. BadInput: it was imported, there is nothing to compute.
    """
    scope.require(queries.VIEW)
    figure = queries.results(scope).filter(pk=figure_id).first()
    if figure is None:
        raise NotFound("没有这个指标结果，或它不在您的管理范围内。", "请从指标结果列表进入。")
    if figure.source == "external":
        raise BadInput("这个值来自外部数据导入，没有可重新计算的记录。", "请看导入批次。")
    return _asked(
        scope,
        Recount(
            kind=RecountKind.EXPLAIN, code=figure.code, period=figure.period, org=figure.org, figure=figure
        ),
        now=now,
        title=f"解释 {figure.code} {figure.period} {figure.org}",
    )


def ask_try(
    scope: Scope,
    version_id: int,
    *,
    now: datetime,
    period: str,
    unit: str = "",
    against_id: int | None = None,
) -> Recount:
    """Ask what a version would give for a period: all units, and the records of one (指标试跑).

    Args:
        unit: code of the unit whose records are shown; the topmost of the scope by default.
        against_id: the version to compare with; None compares with nothing.

    Raises:
        NotFound: no such version or unit. BadInput: no period, an imported indicator, a reference to nowhere.
    """
    scope.require(EDIT)
    whole = str(Period.parse(period))
    version = queries.find_version(version_id)
    if version is None:
        raise NotFound("没有这个指标版本。", "请从指标页面进入。")
    definition = numbered(version)
    if definition.kind.value == "external":
        raise BadInput("外部指标的值由导入得来，不能试跑。", "请在外部数据页面导入一批。")
    with_version(computing.library(), definition)
    against = queries.find_version(against_id) if against_id is not None else None
    if against_id is not None and (against is None or against.indicator_id != version.indicator_id):
        raise NotFound("没有这个对照版本。", "请在本指标的版本中选择。")
    found = OrgUnit.objects.filter(within(scope, queries.VIEW, "path"), valid_to=None).exclude(level="hall")
    org = (found.filter(code=unit) if unit else found.order_by("path")).first()
    if org is None:
        raise NotFound("没有这个单位，或它不在您的管理范围内。", "请填写单位代码。")
    with transaction.atomic():
        if version.state in {VersionState.DRAFT, VersionState.TRIAL}:
            state = lifecycle.step(
                version.state, Act.TRY, author_id=version.author_id, actor_id=scope.actor_id
            )
            IndicatorVersion.objects.filter(pk=version.pk).update(state=state.value)
        asked = Recount(
            kind=RecountKind.TRY, code=version.indicator.code, period=whole, org=org, version=version, against=against,
            content_hash=version.content_hash,
        )  # fmt: skip
        recount = _asked(scope, asked, now=now, title=f"试跑 {version} {whole}")
        audit.record(
            scope,
            now=now,
            action="quality5c.indicator.try",
            kind="indicator",
            object_id=version.indicator.code,
            label=str(version),
            after={"period": whole, "unit": org.code, "against": against.number if against else None},
        )
    return recount


def _asked(scope: Scope, recount: Recount, *, now: datetime, title: str) -> Recount:
    with transaction.atomic():
        recount.author_id, recount.author_name = scope.actor_id, scope.actor_name
        recount.asked_at, recount.expires_at = now, now + KEPT
        recount.save()
        run_ = enqueue(JOB, {"recount": recount.pk}, scope=scope, now=now, title=title)
        recount.run = run_.id
        recount.save(update_fields=["run"])
    return recount


def numbered(version: IndicatorVersion) -> Definition:
    """Return the definition of a version under its own number, whatever its text says."""
    return replace(parse_text(version.text), version=version.number)


def with_version(library: Library, definition: Definition) -> Library:
    """Return the library with one definition in the place of what counts.

    Raises:
        BadInput: a reference to nowhere, or a cycle; the message names the path.
    """
    return library_of([*{**library.definitions, definition.code: definition}.values()])


def carry_out(
    scope: Scope, pk: int, root: Path, *, clock: Callable[[], datetime], tell: Tell
) -> Recount | None:
    """Do what was asked, and keep it; an anticipated failure is kept in words. None: it was removed meanwhile.

    Args:
        scope: of the asker, as it is now: records only where he may see them.
        root: the warehouse's folder.
        clock: gives the present instant.
        tell: is told how far it is: steps done, steps in all, words.
    """
    recount = (
        Recount.objects.select_related("figure__org", "version__indicator", "against", "org")
        .filter(pk=pk)
        .first()
    )
    if recount is None or recount.done_at is not None:
        return recount
    try:
        result = (
            _explained(scope, recount, root, tell) if recount.figure else _tried(scope, recount, root, tell)
        )
    except TaxopsError as error:
        recount.error = str(error)[:500]
    else:
        recount.result = result
    now = clock()
    recount.done_at = now
    with transaction.atomic():
        recount.save(update_fields=["result", "error", "done_at"])
        if recount.result and (recount.result.get("num_records") or {}).get("rows"):
            audit.record(
                scope,
                now=now,
                action="quality5c.drill",
                kind="indicator",
                object_id=recount.code,
                label=f"{recount.code} {recount.period} {recount.org}",
                after={"period": recount.period, "unit": recount.org.code, "samples": SAMPLES},
                org_path=recount.org.path,
            )
    return recount


def _explained(scope: Scope, recount: Recount, root: Path, tell: Tell) -> dict[str, Any]:
    figure = recount.figure
    assert figure is not None
    tell(0, 2, "打开数据仓库")
    engine, library = computing.warehouse(root), computing.library()
    counted = queries.definition_at(figure.code, figure.version)
    if counted is not None:
        library = with_version(library, replace(counted, version=figure.version))
    unit = _warehouse_unit(engine, figure.org_id)
    tell(1, 2, "重新计算，并与上一期比较")
    found = explain(library, engine, figure.code, Period.parse(figure.period), (unit,), samples=SAMPLES)
    stored = (figure.num, figure.den, figure.value)
    return explanation_data(found, stored, with_records=scope.allows(DRILL, recount.org.path))


def _tried(scope: Scope, recount: Recount, root: Path, tell: Tell) -> dict[str, Any]:
    assert recount.version is not None
    tell(0, 3, "打开数据仓库")
    engine, live = computing.warehouse(root), computing.library()
    library, period = with_version(live, numbered(recount.version)), Period.parse(recount.period)
    tell(1, 3, "按试跑的版本计算全部单位")
    done = run(library, engine, [recount.code], period)
    old: dict[tuple[int, ...], Any] = {}
    if recount.against is not None:
        tell(2, 3, "按对照版本计算")
        beside = with_version(live, numbered(recount.against))
        old = run(beside, engine, [recount.code], period).of(recount.code)
    result: dict[str, Any] = {
        "lines": lines_data(done.of(recount.code), old, computing.units(engine)),
        "findings": [f.text for f in done.findings.get(recount.code, ()) if not f.ok],
        "partitions": partition_words(done.inputs.get(recount.code, {})),
        "num_records": None,
    }
    if scope.allows(DRILL, recount.org.path):
        try:
            unit = (_warehouse_unit(engine, recount.org_id),)
            shown = drill(library, engine, recount.code, period, unit, limit=SAMPLES)
            result["num_records"] = drill_data(shown)
        except TaxopsError as error:
            result["no_records"] = str(error)
    return result


def _warehouse_unit(engine: Any, org_id: int) -> int:
    found = next((unit for unit, org in computing.units(engine).items() if org == org_id), None)
    if found is None:
        raise NotFound("数据仓库里没有这个单位。", "请核对机构代码。")
    return found


def clear_recounts(*, now: datetime) -> int:
    """Remove the recounts that have expired."""
    gone, _ = Recount.objects.filter(expires_at__lte=now).delete()
    return gone
