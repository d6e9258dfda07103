"""Articles (知识条目): the list, one article, voting, linking, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA, Scope
from taxops.systems.operations.knowledge import forms, queries, services
from taxops.systems.operations.knowledge.words import ArticleState, Category, VersionState
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    OrgFilter,
    State,
    Tab,
    Tone,
    state_of,
)

_TONES = {"draft": Tone.PLAIN, "published": Tone.GOOD, "retired": Tone.SUSPENDED}
_VERSION_TONES = {
    "draft": Tone.PLAIN,
    "submitted": Tone.ACTIVE,
    "returned": Tone.WARNING,
    "published": Tone.GOOD,
}


class ArticleList(ListPage):
    """All articles (知识条目列表)."""

    name = "knowledge-articles"
    path = "operations/knowledge/"
    title = "知识条目"
    permission = queries.VIEW
    columns = [
        Column(name="code", label="编号"),
        Column(name="title", label="标题", wide=True, card="title"),
        Column(name="category", label="分类", choices=Category),
        Column(name="state", label="状态", kind="state", choices=ArticleState, tones=_TONES),
        Column(name="n_asked", label="被问次数", kind="number"),
        Column(name="n_useful", label="有用", kind="number"),
        Column(name="n_useless", label="无用", kind="number"),
        Column(name="review_due_on", label="复审日期", kind="date"),
        Column(name="owner", label="责任人", value=lambda a: str(a.owner or ""), sort="owner__pinyin"),
        Column(name="org", label="机构", kind="org", sort="org__path", hidden=True),
        Column(name="changed_at", label="更新时间", kind="datetime"),
    ]
    filters = [
        ChoiceFilter(name="state", label="状态", choices=ArticleState, multiple=True),
        ChoiceFilter(name="category", label="分类", choices=Category, multiple=True),
        DateRangeFilter(name="review", label="复审日期", field="review_due_on", dates=True),
        OrgFilter(name="org", label="机构"),
    ]
    search = ["title", "code"]
    sort = "-changed_at"
    detail = "knowledge-article"
    empty = "还没有知识条目。可以从一次真实的答复开始写。"
    actions = [
        Action("新建知识", page="knowledge-new", icon="plus", style="primary"),
        Action("检索", page="knowledge-search", icon="search"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the articles within the scope."""
        return queries.list_articles(scope)


def _reading(scope: Scope, _now: datetime, article: Any) -> Mapping[str, Any]:
    opened = queries.open_version(article)
    return {
        "version": article.published or opened,
        "opened": opened if article.published else None,
        "files": queries.files_of(article),
        "vote": queries.vote_of(scope, article),
        "remarks": queries.remarks(article)[:20],
    }


def _versions(_scope: Scope, _now: datetime, article: Any) -> Mapping[str, Any]:
    rows = [
        (v, state_of(v.state, label=VersionState.label_of(v.state), tones=_VERSION_TONES))
        for v in queries.versions_of(article)
    ]
    return {"versions": rows}


def _asked(scope: Scope, _now: datetime, article: Any) -> Mapping[str, Any]:
    return {"questions": queries.questions_of(scope, article)[:200]}


class ArticleDetail(DetailPage):
    """One article (知识条目)."""

    name = "knowledge-article"
    path = "operations/knowledge/<int:pk>/"
    title = "知识条目"
    permission = queries.VIEW
    parent = "knowledge-articles"
    template = "operations/knowledge/article.html"
    audit_kind = "article"
    history_labels = {
        "version": "版本",
        "note": "意见",
        "change": "修订说明",
        "sm3": "正文摘要",
        "file": "附件",
    }
    facts = [
        Fact(name="code", label="编号"),
        Fact(name="category", label="分类", choices=Category),
        Fact(
            name="published",
            label="现行版本",
            value=lambda a: f"V{a.published.number}" if a.published else "",
        ),
        Fact(name="owner", label="责任人", value=lambda a: str(a.owner or "")),
        Fact(name="review_due_on", label="复审日期", kind="date"),
        Fact(name="n_asked", label="被问次数", kind="number"),
        Fact(name="votes", label="评价", value=lambda a: f"有用 {a.n_useful}，无用 {a.n_useless}"),
        Fact(name="org", label="机构", kind="org"),
    ]
    actions = [
        Action("有用", page="knowledge-useful", icon="thumb-up", when=lambda a: a.state == "published"),
        Action("无用", page="knowledge-useless", icon="thumb-down", when=lambda a: a.state == "published"),
        Action("关联事项", page="knowledge-link", icon="link", when=lambda a: a.state == "published"),
        Action("审核", page="knowledge-review", icon="user-check", style="primary", when=lambda a: a.waits),
        Action("提交审核", page="knowledge-submit", icon="send", style="primary", when=lambda a: a.is_open),
        Action("修改", page="knowledge-edit", icon="pencil", when=lambda a: a.is_open),
        Action("修订", page="knowledge-revise", icon="pencil", when=lambda a: not a.is_open and not a.waits),
        Action("添加附件", page="knowledge-attach", icon="paperclip"),
        Action(
            "停用", page="knowledge-retire", style="danger", icon="x", when=lambda a: a.state == "published"
        ),
    ]
    tabs = [
        Tab(code="text", label="正文", template="operations/knowledge/text.html", context=_reading),
        Tab(code="versions", label="版本", template="operations/knowledge/versions.html", context=_versions),
        Tab(code="asked", label="提问与事项", template="operations/knowledge/asked.html", context=_asked),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the article, and whether a version of it is open or waits."""
        article = queries.get_article(scope, kwargs["pk"])
        opened = queries.open_version(article)
        article.waits = opened is not None and opened.state == VersionState.SUBMITTED
        article.is_open = opened is not None and not article.waits
        return article

    def heading(self, thing: Any) -> str:
        """Return its title."""
        return str(thing.title)

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return state_of(thing.state, label=ArticleState.label_of(thing.state), tones=_TONES)

    def subheading(self, thing: Any) -> str:
        """Say so when its review is overdue."""
        overdue = thing.review_due_on and thing.review_due_on < self.now.astimezone(CHINA).date()
        return "已过复审日期，使用前请核对" if overdue else ""


class _Vote(ActionPage):
    """What the two votes share."""

    permission = queries.VIEW
    parent = "knowledge-article"
    is_useful = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the article."""
        return queries.get_article(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Store the vote."""
        services.vote(scope, thing.pk, now=now, is_useful=self.is_useful)
        return Done("谢谢，已记下。", to=self.url("knowledge-article", pk=thing.pk))


class ArticleUseful(_Vote):
    """It helped (评价有用)."""

    name = "knowledge-useful"
    path = "operations/knowledge/<int:pk>/useful/"
    title = "评价有用"
    confirm = "将「{thing}」评为有用；每人一票，以最后一次为准。"


class ArticleUseless(_Vote):
    """It did not help (评价无用)."""

    name = "knowledge-useless"
    path = "operations/knowledge/<int:pk>/useless/"
    title = "评价无用"
    is_useful = False
    confirm = "将「{thing}」评为无用；每人一票，以最后一次为准。"


class ArticleLink(FormPage):
    """Say which case it answered (关联事项)."""

    name = "knowledge-link"
    path = "operations/knowledge/<int:pk>/link/"
    title = "关联事项"
    permission = queries.VIEW
    parent = "knowledge-article"
    form = forms.LinkForm
    submit = "关联"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the article."""
        return queries.get_article(scope, kwargs["pk"])

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Count the case's question for the article."""
        services.link_case(scope, thing.pk, now=now, case_number=data["case_number"], text=data["text"])
        return Done("已关联，计入被问次数。", to=self.url("knowledge-article", pk=thing.pk))


PAGES: Sequence[type[Any]] = [ArticleList, ArticleDetail, ArticleUseful, ArticleUseless, ArticleLink]
