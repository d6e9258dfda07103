"""Trials (模型试算): what a change would do, before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.quality5c.evaluation import queries, trying
from taxops.systems.quality5c.evaluation.forms import TrialForm
from taxops.systems.quality5c.modelling.queries import choices as model_choices
from taxops.systems.quality5c.recounts.queries import finished_tries
from taxops.web.kit import Action, ActionPage, Column, DetailPage, Done, Fact, FormPage, ListPage, Tab

from .schemes import TIERS

EDIT = trying.EDIT


class TrialList(ListPage):
    """Trials that have not expired (试算记录)."""

    name = "q5c-trials"
    path = "quality5c/trials/"
    title = "模型试算"
    permission = EDIT
    scope_field = ""
    columns = [
        Column(name="title", label="试算", wide=True),
        Column(name="scheme", label="对照方案", value=lambda t: t.scheme.name, sort="scheme__name"),
        Column(name="author_name", label="试算人"),
        Column(name="at", label="试算时间", kind="datetime"),
        Column(name="expires_at", label="到期清除", kind="datetime"),
    ]
    search = ["title", "author_name"]
    sort = "-at"
    detail = "q5c-trial"
    empty = "还没有试算。试算不改变任何已发布的结果。"
    actions = [Action("新建试算", page="q5c-trial-new", icon="flask", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the trials."""
        return queries.trials(now)


class TrialNew(FormPage):
    """Try other weights, another model version, other definitions or other values (新建试算)."""

    name = "q5c-trial-new"
    path = "quality5c/trials/new/"
    title = "新建试算"
    permission = EDIT
    parent = "q5c-trials"
    form = TrialForm
    submit = "试算"
    intro = "与对照方案相比，看谁的等级、名次会变。结果保留 30 天，不写入任何已发布的数据。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the schemes with results."""
        rows = queries.schemes(scope).filter(evaluated_at__isnull=False).defer("frozen")[:60]
        tries = [(t.pk, f"{t.version} {t.period}（{t.org}）") for t in finished_tries(scope, now)[:40]]
        return {"schemes": [(s.pk, s.name) for s in rows], "versions": model_choices(), "tries": tries}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Run it."""
        number = queries.model_number(data["scheme_id"], data["model_version"])
        trial = trying.try_scheme(scope, now=now, **{**data, "model_version": number})
        found = trial.result["summary"]
        return Done(f"试算完成：{found['changed']} 个单位有变化，{found['grades']} 个等级改变。",
                    to=self.url("q5c-trial", pk=trial.pk))  # fmt: skip


def _rows(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    names = queries.names_of(scope, [r["unit"] for r in thing.result["rows"]])
    rows = [
        (names[r["unit"]], r, _delta(r), [TIERS.get(r[k], "—") for k in ("tier_before", "tier_after")])
        for r in thing.result["rows"]
        if r["unit"] in names
    ]
    rows.sort(key=lambda x: -abs(x[2] or 0))
    return {"rows": rows, "summary": thing.result["summary"], "overlay": thing.overlay}


def _delta(row: Mapping[str, Any]) -> float | None:
    if row["score_before"] is None or row["score_after"] is None:
        return None
    return float(row["score_after"] - row["score_before"])


class TrialDetail(DetailPage):
    """What a trial found (试算结果)."""

    name = "q5c-trial"
    path = "quality5c/trials/<int:pk>/"
    title = "试算结果"
    permission = EDIT
    parent = "q5c-trials"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="scheme", label="对照方案", value=lambda t: t.scheme.name),
        Fact(name="author_name", label="试算人"),
        Fact(name="at", label="试算时间", kind="datetime"),
        Fact(name="expires_at", label="到期清除", kind="datetime"),
    ]
    tabs = [Tab(code="rows", label="差异", template="quality5c/trial.html", context=_rows)]
    actions = [Action("删除", page="q5c-trial-discard", style="danger", icon="trash")]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the trial."""
        return queries.find_trial(kwargs["pk"], now)


class TrialDiscard(ActionPage):
    """Remove one's own trial (删除试算)."""

    name = "q5c-trial-discard"
    path = "quality5c/trials/<int:pk>/discard/"
    title = "删除试算"
    permission = EDIT
    parent = "q5c-trials"
    danger = True
    confirm = "将删除试算「{thing}」。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the trial."""
        return queries.find_trial(kwargs["pk"], now)

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Remove it."""
        trying.discard_trial(scope, thing.pk, now=now)
        return Done("试算已删除。", to=self.url("q5c-trials"))


PAGES: Sequence[type[Any]] = [TrialList, TrialNew, TrialDetail, TrialDiscard]
