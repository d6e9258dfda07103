"""Classes and levels, and one unit's card and detail (分类分级、分单位概览、分单位明细)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.indicators import State as FigureState
from taxops.systems.quality5c.definitions import headquarters
from taxops.systems.quality5c.definitions.queries import list_indicators
from taxops.systems.quality5c.definitions.rules import FIGURE_TONES
from taxops.systems.quality5c.definitions.shipped import ASPECTS
from taxops.systems.quality5c.definitions.showing import VERDICTS, met_words, value_words
from taxops.systems.quality5c.evaluation import queries
from taxops.systems.quality5c.evaluation.rules import cap_words
from taxops.web.kit import Chart, DetailPage, Fact, Series, State, Tab, state_of

from .schemes import GRADE_TONES, TIERS, OfScheme

VIEW = queries.VIEW


class Tiers(OfScheme):
    """Class × level (分类分级结果展示)."""

    name = "q5c-tiers"
    path = "quality5c/tiers/"
    title = "分类分级"
    permission = VIEW
    template = "quality5c/tiers.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the matrix, the members this reader may see, and who moved."""
        if self.scheme is None:
            return {"scheme": None}
        before = queries.earlier(scope, self.scheme)
        moves = queries.tier_moves(scope, self.scheme, before)
        members: dict[str, list[Any]] = {}
        for s in queries.scores(scope, self.scheme.pk).order_by("peer_class", "tier", "org__path"):
            levels = [(ASPECTS[a].split()[0], TIERS.get((s.aspects.get(a) or {}).get("tier", ""), "—"))
                      for a in s.aspects if a in ASPECTS]  # fmt: skip
            was = moves.get(s.org_id)
            members.setdefault(s.peer_class, []).append(
                (s, TIERS.get(s.tier, "—"), levels, TIERS.get(was[0], "—") if was else "")
            )
        return {"scheme": self.scheme, "before": before, "tiers": [TIERS[t] for t in queries.TIERS],
                "cells": [(c, members.get(c.peer_class, [])) for c in queries.matrix(self.scheme.pk)]}  # fmt: skip


class Units(OfScheme):
    """Choose a unit and see its card (分单位评价概览)."""

    name = "q5c-units"
    path = "quality5c/units/"
    title = "分单位概览"
    permission = VIEW
    template = "quality5c/units.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the units to choose from; the only one is shown at once."""
        if self.scheme is None:
            return {"scheme": None}
        rows = list(queries.scores(scope, self.scheme.pk).order_by("org__path"))
        cards = [
            (s, state_of(s.grade or "none", label=s.grade or "不予评价", tones=GRADE_TONES)) for s in rows
        ]
        return {"scheme": self.scheme, "cards": cards, "peers": queries.quantiles(self.scheme.pk)}


def _named() -> dict[str, Any]:
    return {i.code: i for i in list_indicators()}


def _overview(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    rows = list(queries.details(scope, thing.scheme_id, thing.org_id))
    named = _named()
    known = [d for d in rows if d.points is not None]
    losses = sorted((d for d in known if d.loss), key=lambda d: -(d.loss or 0.0))[:5]
    strengths = sorted((d for d in known if (d.percentile or 0) >= 0.8), key=lambda d: -d.weight)[:5]
    flagged = [
        (state.label, found)
        for state in FigureState
        if state is not FigureState.TRUSTED
        and (found := [(d, named.get(d.code)) for d in rows if d.state == state.value])
    ]
    before = queries.earlier(scope, thing.scheme)
    old = queries.find_score(scope, before.pk, thing.org_id) if before else None
    trend = queries.trend(scope, thing.scheme, thing.org_id)
    aspects = [
        (ASPECTS.get(a, a), v.get("score"), TIERS.get(v.get("tier", ""), "—"),
         _change(v.get("score"), (old.aspects.get(a) or {}).get("score") if old else None))
        for a, v in thing.aspects.items()
    ]  # fmt: skip
    radar = Chart(
        title="五方面得分", unit="分", source=f"{thing.scheme.name}，满分 100", categories=[a for a, *_ in aspects],
        series=[Series(name="本单位", values=[s for _, s, *_ in aspects])], kind="bar", height="small",
    )  # fmt: skip
    line = Chart(
        title="得分趋势", unit="分", source="同一模板的各期方案",
        categories=[p for p, *_ in trend], option={"grid": {"right": 40, "left": 20}},
        series=[Series(name="得分", values=[t for _, t, _ in trend])], height="small",
    )  # fmt: skip
    return {**_beside(thing, rows, named), "losses": [(d, named.get(d.code), _advice(d)) for d in losses],
            "flagged": flagged,
            "strengths": [(d, named.get(d.code)) for d in strengths], "aspects": aspects, "charts": [radar, line],
            "change": _change(thing.total, old.total if old else None), "old": old,
            "peers": queries.quantiles(thing.scheme_id)}  # fmt: skip


SENT = 15
"""Indicators on the card beside what 总局 sent; the whole table is on 总局联动."""


def _beside(thing: Any, rows: Sequence[Any], named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return where the unit stands beside what 总局 sent, those furthest below their target first."""
    known = {d.code: (d.value, named[d.code].direction) for d in rows if d.code in named}
    found = headquarters.compared(thing.scheme.period, thing.org, known)
    order = sorted(found, key=lambda c: (found[c].gap.met is not False, found[c].gap.verdict != "劣势", c))
    lines = []
    for code in order:
        sent, unit = found[code], named[code].unit
        words = [value_words(v, unit) for v in (known[code][0], sent.target, sent.average)]
        lines.append(
            (named[code], words, met_words(sent.gap, unit), sent.gap.verdict, VERDICTS[sent.gap.verdict])
        )
    gaps = [s.gap for s in found.values()]
    counts = [(label, n) for label, n in (
        ("达标", sum(g.met is True for g in gaps)), ("未达标", sum(g.met is False for g in gaps)),
        ("优势", sum(g.verdict == "优势" for g in gaps)), ("劣势", sum(g.verdict == "劣势" for g in gaps)),
    )]  # fmt: skip
    return {"sent": lines[:SENT], "sent_more": max(0, len(lines) - SENT), "sent_counts": counts}


def _change(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else round(now - before, 2)


def _advice(d: Any) -> str:
    """Return what would help most, from the numbers alone."""
    if d.peer_median is not None and d.percentile is not None and d.percentile < 0.5:
        return "低于同类中位，先与同类先进单位比对做法。"
    return "已不低于同类中位，对照目标值逐户清理。"


def _details(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    named = _named()
    groups: dict[str, list[Any]] = {}
    late = {r.code: r.fresh for r in queries.revisions(scope, thing.scheme, thing.org_id)}
    total = 0.0
    for d in queries.details(scope, thing.scheme_id, thing.org_id).order_by("code"):
        found = named.get(d.code)
        unit = found.unit if found else "number"
        state = state_of(d.state, label=FigureState.label_of(d.state), tones=FIGURE_TONES)
        words = [value_words(v, unit) for v in (d.value, d.peer_median, d.peer_best, d.previous)]
        groups.setdefault(ASPECTS.get(d.aspect, d.aspect), []).append(
            (
                d,
                found,
                state,
                words,
                late.get(d.code),
                value_words(late[d.code].value, unit) if d.code in late else "",
            )
        )
        total += d.contribution or 0
    return {"groups": groups.items(), "total": total, "late": len(late)}


class UnitDetail(DetailPage):
    """One unit in one scheme (分单位评价): card, and every indicator."""

    name = "q5c-unit"
    path = "quality5c/scores/<int:pk>/"
    title = "单位得分"
    permission = VIEW
    parent = "q5c-ratings"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="total", label="得分", kind="number", digits=2),
        Fact(
            name="rank",
            label="名次",
            value=lambda s: f"{s.rank}（90% 区间 {s.rank_low}–{s.rank_high}）" if s.rank else "—",
        ),
        Fact(name="peer_class", label="类别"),
        Fact(name="tier", label="级别", value=lambda s: TIERS.get(s.tier, "—")),
        Fact(name="capped_by", label="封顶原因", value=lambda s: cap_words(s.capped_by, ASPECTS)),
        Fact(name="scheme", label="方案", value=lambda s: s.scheme.name),
    ]
    tabs = [
        Tab(code="overview", label="概览", template="quality5c/unit_overview.html", context=_overview),
        Tab(code="details", label="指标明细", template="quality5c/unit_details.html", context=_details),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the score, within the scope and of a scheme this reader may see."""
        return queries.score_by_pk(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return the unit's name."""
        return str(thing.org.name)

    def state(self, thing: Any) -> State | None:
        """Return the grade, with 临界 where it is near a line."""
        label = (thing.grade or "不予评价") + ("（临界）" if thing.borderline else "")
        return state_of(thing.grade or "none", label=label, tones=GRADE_TONES)


PAGES: Sequence[type[Any]] = [Tiers, Units, UnitDetail]
