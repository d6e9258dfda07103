"""Schemes and the ratings of their units (评价方案、综合评级结果)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.systems.quality5c.definitions.shipped import ASPECTS
from taxops.systems.quality5c.evaluation import queries, sending, services
from taxops.systems.quality5c.evaluation.bulletin import bulletin
from taxops.systems.quality5c.evaluation.drawing import Hex, grade_map
from taxops.systems.quality5c.evaluation.forms import SchemeForm
from taxops.systems.quality5c.evaluation.rules import cap_words
from taxops.systems.quality5c.evaluation.words import SchemeState
from taxops.systems.quality5c.modelling.queries import list_templates
from taxops.systems.quality5c.modelling.words import Receivers
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    Confirm,
    Done,
    FormPage,
    ListPage,
    Page,
)
from taxops.web.kit.actions import Button, buttons

VIEW, EDIT, REVIEW = queries.VIEW, services.EDIT, services.REVIEW
GRADE_TONES = {"A": "good", "B": "good", "C": "plain", "D": "warning", "E": "bad"}
TIERS = {"1": "Ⅰ级", "2": "Ⅱ级", "3": "Ⅲ级", "4": "Ⅳ级", "5": "Ⅴ级", "": "—"}


def _aspect(code: str) -> Callable[[Any], float | None]:
    """Return what reads one aspect's score from a row."""
    return lambda s: (s.aspects.get(code) or {}).get("score")


class SchemeList(ListPage):
    """All schemes (评价方案)."""

    name = "q5c-schemes"
    path = "quality5c/schemes/"
    title = "评价方案"
    permission = VIEW
    scope_field = ""
    columns = [
        Column(name="name", label="方案", wide=True),
        Column(name="period", label="统计期"),
        Column(name="state", label="状态", kind="state", tones={"open": "active", "published": "good"}),
        Column(
            name="units", label="参评单位", kind="number", value=lambda s: len(s.frozen["units"]), sort=""
        ),
        Column(name="model_version", label="模型版本", value=lambda s: s.frozen["model_version"], sort=""),
        Column(name="evaluated_at", label="计算时间", kind="datetime"),
        Column(name="made_by", label="生成人"),
        Column(name="published_by", label="发布人"),
        Column(name="published_at", label="发布时间", kind="datetime"),
    ]
    filters = [ChoiceFilter(name="state", label="状态", choices=SchemeState)]
    search = ["name", "period"]
    sort = "-period"
    empty = "还没有评价方案。"
    actions = [Action("生成方案", page="q5c-scheme-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the schemes this reader may see."""
        return queries.schemes(scope)

    def row_url(self, row: Any) -> str:
        """Return the ratings of the scheme."""
        return f"{self.url('q5c-ratings')}?scheme={row.pk}"


class SchemeNew(FormPage):
    """Make a scheme of a template and a period (生成方案)."""

    name = "q5c-scheme-new"
    path = "quality5c/schemes/new/"
    title = "生成方案"
    permission = EDIT
    parent = "q5c-schemes"
    form = SchemeForm
    submit = "生成并计算"
    intro = "模型版本、指标版本、参评单位和同类分组在生成时冻结，以后的修改不影响这个方案。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the templates in use."""
        return {"templates": [(t.pk, t.name) for t in list_templates().filter(is_active=True)]}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Make and compute it."""
        scheme = services.make_scheme(scope, now=now, template_id=data["template_id"], period=data["period"])
        services.evaluate_scheme(scope, scheme.pk, now=now)
        return Done(
            f"方案「{scheme.name}」已生成并计算。", to=f"{self.url('q5c-ratings')}?scheme={scheme.pk}"
        )


class SchemeAct(ActionPage):
    """The root of what is done to a scheme (方案操作)."""

    permission = EDIT
    parent = "q5c-schemes"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the scheme."""
        return queries.find_scheme(scope, kwargs["pk"])


class SchemeEvaluate(SchemeAct):
    """Compute a scheme anew (重新计算)."""

    name = "q5c-scheme-evaluate"
    path = "quality5c/schemes/<int:pk>/evaluate/"
    title = "重新计算"
    confirm = "将按现有指标结果重新计算「{thing}」，覆盖原得分。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Compute."""
        before = thing.result_hash
        scheme = services.evaluate_scheme(scope, thing.pk, now=now)
        same = "结果与上次相同" if scheme.result_hash == before else "结果有变化"
        return Done(f"「{scheme.name}」已重新计算，{same}。")


class SchemePublish(SchemeAct):
    """Publish a scheme (发布方案); by another person than its maker."""

    name = "q5c-scheme-publish"
    path = "quality5c/schemes/<int:pk>/publish/"
    title = "发布方案"
    permission = REVIEW

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say that it is final, and to how many people its results go."""
        found = sending.letters(thing, thing.template.send_to, now=now)
        people = sending.readers(found)
        sent = f"结果将通知 {people} 人，每人只收到其管理范围内的。" if people else "模板没有选择发送结果。"
        quality = queries.quality(thing)
        warning = "发布后结果冻结，不能再计算。"
        if reason := quality.refused():
            warning = f"数据质量没有达到门槛，不能发布：{reason}"
        return Confirm(f"将发布「{thing}」，各单位可见。{quality.words()}{sent}", warning=warning)

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Publish."""
        scheme = services.publish_scheme(scope, thing.pk, now=now)
        return Done(f"「{scheme.name}」已发布。")


class SchemeSend(SchemeAct):
    """Send a published scheme's results again (发送结果): who was told before is not told twice."""

    name = "q5c-scheme-send"
    path = "quality5c/schemes/<int:pk>/send/"
    title = "发送结果"
    permission = REVIEW

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say to how many people, and what each gets."""
        found = sending.letters(thing, thing.template.send_to, now=now)
        people = sending.readers(found)
        return Confirm(
            f"将把「{thing}」的结果通知 {len(found)} 个机构的 {people} 人"
            f"（{Receivers.label_of(thing.template.send_to)}）。每人只收到其管理范围内的结果；发过的不再重复。"
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Send."""
        count = sending.send_results(scope, thing.pk, now=now)
        return Done(f"已通知 {count} 人。")


class OfScheme(Page):
    """The root of pages about one scheme (`?scheme=`); without it, the newest with results."""

    @cached_property
    def scheme(self) -> Any:
        """The scheme asked for; None when there is none yet.

        Raises:
            BadInput: the address names no number. NotFound: no such scheme for this reader.
        """
        wanted = self.request.GET.get("scheme", "")
        if not wanted:
            return queries.latest_scheme(self.scope)
        if not wanted.isdecimal() or len(wanted) > 9:
            raise BadInput("方案编号应是数字。", "请从方案列表进入。")
        found = queries.find_scheme(self.scope, int(wanted))
        if found is None:
            raise NotFound("没有这个评价方案，或它还没有发布。", "请从方案列表进入。")
        return found


def _schemes(scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [(str(s.pk), s.name) for s in queries.schemes(scope).filter(evaluated_at__isnull=False)[:60]]


_STEPS = [
    Action("重新计算", page="q5c-scheme-evaluate", icon="refresh", kwargs=lambda s: {"pk": s.pk},
           when=lambda s: s.state == SchemeState.OPEN),
    Action("发布", page="q5c-scheme-publish", icon="send", style="primary", kwargs=lambda s: {"pk": s.pk},
           when=lambda s: s.state == SchemeState.OPEN),
    Action("发送结果", page="q5c-scheme-send", icon="message", kwargs=lambda s: {"pk": s.pk},
           when=lambda s: s.state == SchemeState.PUBLISHED and s.template.send_to != Receivers.NONE),
]  # fmt: skip


class Ratings(OfScheme, ListPage):
    """Score, grade and rank of the units (综合评级结果展示)."""

    name = "q5c-ratings"
    path = "quality5c/ratings/"
    title = "综合评级"
    permission = VIEW
    columns = [
        Column(name="rank", label="名次", kind="number", value=lambda s: s.rank or None, sort="place"),
        Column(name="interval", label="90% 名次区间", sort="rank_low",
               value=lambda s: f"{s.rank_low}–{s.rank_high}" if s.rank else ""),
        Column(name="org", label="单位", sort="org__path", value=lambda s: s.org.short_name or s.org.name),
        Column(name="total", label="得分", kind="number", digits=2),
        Column(name="grade", label="等级", kind="state", value=lambda s: s.grade or "不予评价",
               tones=GRADE_TONES, sort="grade"),
        Column(name="borderline", label="临界", value=lambda s: "临界" if s.borderline else "", sort="borderline"),
        Column(name="capped_by", label="封顶原因", sort="capped_by",
               value=lambda s: cap_words(s.capped_by, ASPECTS)),
        *(
            Column(name=code, label=ASPECTS[code].split()[0], kind="number", digits=1,
                   value=_aspect(code), sort="")
            for code in ("C1", "C2", "C3", "C4", "C5")
        ),
        Column(name="peer_class", label="类别"),
        Column(name="tier", label="级别", value=lambda s: TIERS.get(s.tier, ""), sort="tier"),
        Column(name="kept", label="等级稳定率", kind="percent", hidden=True),
    ]  # fmt: skip
    filters = [
        ChoiceFilter(name="scheme", label="方案", choices=_schemes, apply=lambda rows, _value: rows),
        ChoiceFilter(name="grade", label="等级", choices=[(g, g) for g in "ABCDE"], multiple=True),
        ChoiceFilter(name="borderline", label="临界", choices=[("1", "临界"), ("0", "不临界")]),
    ]
    search = ["org__name", "org__short_name", "org__code"]
    sort = "rank"
    size = 100
    template = "quality5c/ratings.html"
    detail = "q5c-unit"
    empty = "还没有评级结果。方案计算之后显示在这里。"
    actions = [
        Action("分类分级", page="q5c-tiers", icon="layout-grid"),
        Action("试算", page="q5c-trial-new", icon="flask"),
        Action("评价通报", page="q5c-bulletin", icon="file-text"),
        Action("方案", page="q5c-schemes", icon="list"),
    ]

    @cached_property
    def shown(self) -> list[Column]:
        """The columns shown: those of the link, else the reader's choice, else the template's, else the usual ones."""
        chosen = self.scheme.template.columns if self.scheme else ()
        own = self.asked.cols or (self._setup.columns if self._setup else ())
        if own or not chosen:
            return super().shown
        return [c for c in self.columns if c.name in chosen]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the scores of the units within the scope."""
        shown = self.scheme if hasattr(self, "request") else queries.latest_scheme(scope)
        return queries.scores(scope, shown.pk if shown else 0)

    def map(self) -> Any:
        """Return the schematic map of a scheme of cities, coloured by grade; nothing for one of counties."""
        if self.scheme is None:
            return ""
        return grade_map([
            Hex(place, GRADE_TONES.get(s.grade, "none"), s.grade or "不予评价", self.url("q5c-unit", pk=s.pk))
            if s is not None else Hex(place, "none", "—", "")
            for place, s in queries.on_map(self.scope, self.scheme)
        ])  # fmt: skip

    def buttons(self) -> list[Button]:
        """Return what can be done, with the scheme's own next step."""
        found = super().buttons()
        if self.scheme is None:
            return found
        if self.scheme.state == SchemeState.PUBLISHED:
            url = f"{self.url('q5c-revisions')}?scheme={self.scheme.pk}"
            found = [*found, Button("修订对照", url, "versions", "plain", dialog=False)]
        return [*found, *buttons(_STEPS, self.scope, self.scheme, {})]

    def heading_text(self) -> str:
        """Return the scheme's name."""
        return f"综合评级 {self.scheme.name}" if self.scheme else self.title

    def summary(self, scope: Scope, now: datetime) -> Sequence[tuple[str, Any, str]]:
        """Return how many units have which grade: anonymous, so over all units."""
        if self.scheme is None:
            return ()
        return [
            (g, n, f"grade={g}" if len(g) == 1 else "")
            for g, n in queries.distribution(self.scheme.pk).items()
        ]


class Bulletin(OfScheme):
    """The bulletin of a scheme (评价通报) as Word or PDF."""

    name = "q5c-bulletin"
    path = "quality5c/bulletin/"
    title = "评价通报"
    permission = VIEW
    parent = "q5c-ratings"
    template = "quality5c/bulletin.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the page, or the file (`?format=docx|pdf`)."""
        form = request.GET.get("format", "")
        if form in {"docx", "pdf"} and self.scheme is not None:
            data, kind = bulletin(self.scope, self.scheme, form)
            answer = HttpResponse(data, content_type=kind)
            answer["Content-Disposition"] = f'attachment; filename="bulletin-{self.scheme.period}.{form}"'
            return answer
        return super().get(request, *args, **kwargs)

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the table of the bulletin."""
        if self.scheme is None:
            return {"scheme": None}
        rows = list(queries.scores(scope, self.scheme.pk).order_by("place", "org__path"))
        return {
            "scheme": self.scheme,
            "rows": rows,
            "tiers": TIERS,
            "grades": queries.distribution(self.scheme.pk),
        }


PAGES: Sequence[type[Any]] = [
    SchemeList,
    SchemeNew,
    SchemeEvaluate,
    SchemePublish,
    SchemeSend,
    Ratings,
    Bulletin,
]
