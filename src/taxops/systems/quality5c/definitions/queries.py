"""What indicators can be asked (指标查询); figures only within the asker's scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from django.db.models import Count, Q, QuerySet

from taxops.engines.base import Scope
from taxops.engines.indicators import Definition
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within

from .models import DataProblem, Indicator, IndicatorResult, IndicatorVersion
from .rules import Difference, Figure, differences
from .shipped import data_of, parse_text

VIEW = "quality5c.view"
SPREAD_MIN = 20
"""Fewer values than this make no percentile."""


def require_province(scope: Scope, permission: str) -> None:
    """Do nothing when the permission is held over the whole province: definitions, models, schemes are its own.

    Raises:
        NotPermitted: it is not, or only over a part of it.
    """
    scope.require(permission, province_path())


def may_for_province(scope: Scope, permission: str) -> bool:
    """Test whether the permission is held over the whole province."""
    return scope.has(permission) and scope.allows(permission, province_path())


def province_path() -> str:
    """Return the path of the province; empty before there is one."""
    found = OrgUnit.objects.filter(level="province", valid_to=None).order_by("path")
    return found.values_list("path", flat=True).first() or ""


def list_indicators() -> QuerySet[Indicator]:
    """Return all indicators with how many of their versions wait for review (`n_waiting`)."""
    return Indicator.objects.annotate(
        n_versions=Count("versions"), n_waiting=Count("versions", filter=Q(versions__state="review"))
    )


def find_indicator(pk: int) -> Indicator | None:
    """Return one indicator."""
    return list_indicators().filter(pk=pk).first()


def find_code(code: str) -> Indicator | None:
    """Return the indicator of that code."""
    return list_indicators().filter(code=code).first()


def versions_of(code: str) -> list[IndicatorVersion]:
    """Return an indicator's versions, newest first."""
    return list(
        IndicatorVersion.objects.select_related("indicator").filter(indicator__code=code).order_by("-number")
    )


def find_version(pk: int) -> IndicatorVersion | None:
    """Return one version."""
    return IndicatorVersion.objects.select_related("indicator").filter(pk=pk).first()


def waiting() -> list[IndicatorVersion]:
    """Return the versions that wait for review, the longest waiting first (待复核)."""
    rows = IndicatorVersion.objects.filter(state="review").select_related("indicator")
    return list(rows.order_by("created_at", "pk"))


def changes_of(version: IndicatorVersion) -> list[Difference]:
    """Return what a version changes against the one that counts now; against nothing for a new indicator."""
    live = IndicatorVersion.objects.filter(
        indicator=version.indicator_id, number=version.indicator.live_version or 0
    ).first()
    return differences(data_of(live.text), data_of(version.text)) if live is not None else []


def current_text(code: str) -> str:
    """Return the text of the newest version of a code; empty when there is none."""
    found = (
        IndicatorVersion.objects.filter(indicator__code=code)
        .order_by("-number")
        .values_list("text", flat=True)
    )
    return found.first() or ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A version and what it changed against the one before (版本与差异)."""

    version: IndicatorVersion
    changes: Sequence[Difference]


def compared(versions: Sequence[IndicatorVersion]) -> list[Compared]:
    """Return versions, newest first, each with its differences from the one before."""
    found = []
    for place, version in enumerate(versions):
        older = versions[place + 1] if place + 1 < len(versions) else None
        changes = differences(data_of(older.text), data_of(version.text)) if older is not None else []
        found.append(Compared(version, changes))
    return found


def live_definitions(codes: Iterable[str] | None = None) -> dict[str, tuple[int, Definition]]:
    """Return code → (version, definition) of what counts now; one query."""
    rows = (
        IndicatorVersion.objects.filter(state="live").select_related("indicator").order_by("indicator__code")
    )
    if codes is not None:
        rows = rows.filter(indicator__code__in=list(codes))
    return {v.indicator.code: (v.number, parse_text(v.text)) for v in rows}


def definition_at(code: str, number: int) -> Definition | None:
    """Return the definition of one version."""
    text = (
        IndicatorVersion.objects.filter(indicator__code=code, number=number).values_list("text", flat=True).first()
    )  # fmt: skip
    return parse_text(text) if text else None


def results(scope: Scope) -> QuerySet[IndicatorResult]:
    """Return the figures of the units within the scope."""
    return IndicatorResult.objects.filter(within(scope, VIEW)).select_related("org")


def periods() -> list[str]:
    """Return the periods that have figures, newest first."""
    return list(IndicatorResult.objects.order_by("-period").values_list("period", flat=True).distinct())


def computed_versions() -> list[int]:
    """Return the version numbers that have figures, whatever the indicator."""
    return list(IndicatorResult.objects.order_by("version").values_list("version", flat=True).distinct())


def figures(period: str, orgs: Iterable[int], versions: dict[str, int]) -> dict[tuple[int, str], Figure]:
    """Return (organisation id, code) → figure of one period for these versions; one query, whoever asks.

    An imported figure wins over the warehouse's.
    """
    rows = IndicatorResult.objects.filter(
        period=period, org_id__in=list(orgs), code__in=list(versions)
    ).order_by("-source")
    return {
        (org, code): Figure(num, den, value, state)
        for org, code, version, num, den, value, state in rows.values_list(
            "org_id", "code", "version", "num", "den", "value", "state"
        )
        if versions[code] == version
    }


def problems(period: str, codes: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (indicator, check, what it found wrong) of a period, by indicator; one query."""
    rows = DataProblem.objects.filter(period=period, code__in=list(codes))
    return list(rows.values_list("code", "kind", "text"))


def spread(level: str, last: int = 12) -> dict[str, tuple[float, float, int]]:
    """Return code → (5 % point, 95 % point, how many) of the live versions' values of a level's units.

    Over the last `last` periods that have figures; anonymous, and only where there are at least twenty values.
    """
    live = dict(Indicator.objects.exclude(live_version=None).values_list("code", "live_version"))
    rows = IndicatorResult.objects.filter(
        org__level=level, period__in=periods()[:last], value__isnull=False, state="trusted"
    )
    values: dict[str, list[float]] = {}
    for code, version, value in rows.values_list("code", "version", "value").iterator(chunk_size=5000):
        if value is not None and live.get(code) == version:
            values.setdefault(code, []).append(value)
    found = {}
    for code, known in values.items():
        if len(known) >= SPREAD_MIN:
            cuts = quantiles(known, n=20, method="inclusive")
            found[code] = (cuts[0], cuts[-1], len(known))
    return found


def drafted_names() -> dict[str, str]:
    """Return code → name of every indicator that counts or may come to count."""
    rows = Indicator.objects.filter(versions__state__in=["draft", "trial", "review", "live"]).distinct()
    return dict(rows.order_by("code").values_list("code", "name"))


def newest_definition(code: str) -> Definition | None:
    """Return the newest definition of a code, whatever its state."""
    text = current_text(code)
    return parse_text(text) if text else None


def units_of(level: str, scope: Scope | None = None) -> QuerySet[OrgUnit]:
    """Return the units of a level that exist, within the scope when one is given."""
    found = OrgUnit.objects.filter(level=level, valid_to=None).order_by("path")
    return found if scope is None else found.filter(within(scope, VIEW, "path"))


def warehouse_units() -> list[tuple[str, str, str, str]]:
    """Return (code, name, level, code above) of the units that have figures: all but halls and bureaus."""
    rows = OrgUnit.objects.filter(valid_to=None, code__regex=r"^\d+$").exclude(level__in=["hall", "bureau"])
    rows = rows.select_related("parent").order_by("path")
    return [(o.code, o.name, o.level, o.parent.code if o.parent else "") for o in rows]


def children_of(scope: Scope, org: OrgUnit) -> QuerySet[OrgUnit]:
    """Return the units right below one, within the scope, halls left out (they have no figures)."""
    return (
        OrgUnit.objects.filter(within(scope, VIEW, "path"), parent=org, valid_to=None)
        .exclude(level="hall")
        .order_by("path")
    )


def history(scope: Scope, code: str, org: int, last: int = 12) -> list[dict[str, Any]]:
    """Return one unit's figures of one indicator over time, oldest first."""
    rows = results(scope).filter(code=code, org_id=org).order_by("-period", "-version")
    seen: dict[str, dict[str, Any]] = {}
    for row in rows.values("period", "num", "den", "value", "state", "version")[: last * 3]:
        seen.setdefault(row["period"], dict(row))
    return list(reversed(list(seen.values())[:last]))
