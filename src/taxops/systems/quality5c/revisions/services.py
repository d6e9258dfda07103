"""Use cases of revisions (修订): compute anew, keep what changed and why, follow what was loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Min

from taxops.engines.base import Scope
from taxops.engines.warehouse import LoadEntry, Store, shipped_schema
from taxops.platform.audit import services as audit
from taxops.systems.quality5c.definitions import computing
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.definitions.rules import Figure

from .models import FigureRevision
from .rules import causes, changed, touched

Tell = Callable[[str], None]


@dataclass(slots=True)
class Followed:
    """What following the warehouse did (跟进结果)."""

    periods: set[str] = field(default_factory=set)
    figures: int = 0
    revisions: int = 0


def recompute(
    root: Path, period: str, *, now: datetime, codes: Iterable[str] | None = None, tell: Tell | None = None
) -> Followed:
    """Compute figures of a period, store them, and keep a revision of each that had been another number.

    Raises:
        Unavailable: nothing was loaded. BadInput: no period.
    """
    done = computing.computed(root, period, codes=codes, tell=tell)
    with transaction.atomic():
        rows = IndicatorResult.objects.select_for_update().filter(
            period=done.period, source="warehouse", code__in=list(done.versions)
        )
        known = [r for r in rows if r.version == done.versions[r.code]]
        stored = {(r.code, r.org_id): Figure(r.num, r.den, r.value, r.state) for r in known}
        since = {(r.code, r.org_id): r.manifest for r in known}
        loads = Store(root).manifest().loads
        upto = done.manifest or 0
        made = [
            FigureRevision(
                code=c.code, version=done.versions[c.code], org_id=c.org, period=done.period, at=now,
                old_num=c.old.num, old_den=c.old.den, old_value=c.old.value,
                new_num=c.new.num, new_den=c.new.den, new_value=c.new.value,
                causes=causes(done.inputs.get(c.code, {}), _between(loads, since[c.code, c.org], upto)),
            )
            for c in changed(stored, done.figures)
        ]  # fmt: skip
        FigureRevision.objects.bulk_create(made, batch_size=500)
        figures = computing.record(done)
    return Followed({done.period}, figures, len(made))


def follow(root: Path, *, now: datetime, tell: Tell | None = None) -> Followed:
    """Bring stored figures up to what was loaded since (跟进装载): only what the loads may have changed is computed.

    Repeating it does nothing. Figures from before the warehouse kept its loads stay until they are next computed.

    Args:
        root: the warehouse's folder.
        tell: is told what is being done.
    """
    manifest = Store(root).manifest()
    stale = IndicatorResult.objects.filter(source="warehouse", manifest__lt=manifest.number)
    seen: dict[str, dict[str, int]] = {}
    for period, code, since in stale.values_list("period", "code").annotate(since=Min("manifest")).order_by():
        seen.setdefault(period, {})[code] = since
    found = Followed()
    if not seen:
        return found
    library, schema = computing.library(), shipped_schema()
    for period, marks in sorted(seen.items()):
        codes = [
            code
            for code, since in marks.items()
            if touched(library, schema, [code], period, _between(manifest.loads, since, manifest.number))
        ]
        if codes:
            one = recompute(root, period, now=now, codes=codes, tell=tell)
            found.periods.add(period)
            found.figures += one.figures
            found.revisions += one.revisions
        stale.filter(period=period, code__in=list(marks)).update(manifest=manifest.number)
    return found


def _between(loads: Iterable[LoadEntry], since: int | None, upto: int) -> list[LoadEntry]:
    """Return the loads after one manifest and up to another; none when it is not known since when."""
    return [] if since is None else [load for load in loads if since < load.number <= upto]


def note_look(scope: Scope, revision: FigureRevision, records: int, *, now: datetime) -> None:
    """Keep in the trail that somebody looked at the records behind a revision (查看留痕)."""
    with transaction.atomic():
        audit.record(
            scope, now=now, action="quality5c.drill", kind="indicator", object_id=revision.code,
            label=f"{revision.code} {revision.period} {revision.org} 修订",
            after={"period": revision.period, "unit": revision.org.code, "records": records},
            org_path=revision.org.path,
        )  # fmt: skip
