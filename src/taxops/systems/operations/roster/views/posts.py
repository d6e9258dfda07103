"""Posts and their patterns (岗位与轮班)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.roster import forms, queries, rules, services
from taxops.systems.operations.roster.words import Days, Hours
from taxops.web.kit import (
    Action,
    ActionPage,
    Column,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    OrgFilter,
    Tab,
)


class PostList(ListPage):
    """The posts of the contract (岗位)."""

    name = "roster-posts"
    path = "operations/roster/posts/"
    title = "岗位与轮班"
    permission = queries.VIEW
    columns = [
        Column(name="name", label="岗位", card="title"),
        Column(name="code", label="代码"),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="hours", label="值守时间", choices=Hours),
        Column(name="people", label="同时在岗", kind="number", unit="人"),
        Column(name="headcount", label="合同人数", kind="number", unit="人"),
        Column(name="place", label="驻场地点", wide=True),
        Column(name="source", label="合同条款"),
    ]
    filters = [OrgFilter(name="org", label="机构")]
    search = ["name", "code", "place"]
    sort = "name"
    detail = "roster-post"
    empty = "还没有岗位。先建岗位，再给它排轮班规则。"
    actions = [
        Action("新建岗位", page="roster-post-new", icon="plus", style="primary"),
        Action("值班调整", page="roster-overrides", icon="pencil"),
        Action("重要时期", page="roster-periods", icon="flag"),
        Action("导入值班表", page="roster-import", icon="upload"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the posts within the scope."""
        return queries.list_posts(scope)


def _patterns(scope: Scope, _now: datetime, post: Any) -> Mapping[str, Any]:
    patterns = list(post.patterns.order_by("-first_on", "-pk"))
    names = queries.names_of(int(p) for pattern in patterns for group in pattern.groups for p in group)
    return {
        "patterns": [
            (
                pattern,
                queries.person_labels(pattern, names),
                rules.windows_text([(a, b) for a, b in pattern.windows]),
                Days.label_of(pattern.days),
            )
            for pattern in patterns
        ],
        "may_edit": scope.has(queries.EDIT),
    }


def _overrides(scope: Scope, _now: datetime, post: Any) -> Mapping[str, Any]:
    return {"overrides": queries.list_overrides(scope).filter(post=post)[:100]}


class PostDetail(DetailPage):
    """One post (岗位)."""

    name = "roster-post"
    path = "operations/roster/posts/<int:pk>/"
    title = "岗位"
    permission = queries.VIEW
    parent = "roster-posts"
    audit_kind = "post"
    facts = [
        Fact(name="code", label="代码"),
        Fact(name="hours", label="值守时间", choices=Hours),
        Fact(name="people", label="同时在岗", kind="number", unit="人"),
        Fact(name="headcount", label="合同人数", kind="number", unit="人"),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="place", label="驻场地点"),
        Fact(name="radius_m", label="打卡半径", kind="number", unit="米"),
        Fact(name="source", label="合同条款"),
    ]
    actions = [
        Action("新建轮班规则", page="roster-pattern-new", icon="plus", style="primary"),
        Action("编辑", page="roster-post-edit", icon="pencil"),
        Action(
            "停用", page="roster-post-archive", icon="x", style="danger", when=lambda p: p.archived_at is None
        ),
    ]
    tabs = [
        Tab(code="patterns", label="轮班规则", template="operations/roster/patterns.html", context=_patterns),
        Tab(code="overrides", label="调整", template="operations/roster/overrides.html", context=_overrides),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the post."""
        return queries.get_post(scope, kwargs["pk"])


class PostNew(FormPage):
    """Make a post (新建岗位)."""

    name = "roster-post-new"
    path = "operations/roster/posts/new/"
    title = "新建岗位"
    permission = queries.EDIT
    parent = "roster-posts"
    form = forms.PostForm
    units = {"radius_m": "米", "people": "人", "headcount": "人"}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the post."""
        made = services.save_post(scope, now=now, pk=thing.pk if thing else None, **data)
        return Done(f"岗位「{made.name}」已保存。", to=self.url("roster-post", pk=made.pk))


class PostEdit(PostNew):
    """Change a post (编辑岗位)."""

    name = "roster-post-edit"
    path = "operations/roster/posts/<int:pk>/edit/"
    title = "编辑岗位"
    parent = "roster-post"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the post."""
        return queries.get_post(scope, kwargs["pk"])


class PostArchive(ActionPage):
    """Take a post out of use (停用岗位)."""

    name = "roster-post-archive"
    path = "operations/roster/posts/<int:pk>/archive/"
    title = "停用岗位"
    permission = queries.EDIT
    parent = "roster-posts"
    danger = True
    confirm = "将停用岗位「{thing}」：不再排班、不再核对缺岗，以前的记录保留。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the post."""
        return queries.get_post(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Archive it."""
        services.archive_post(scope, thing.pk, now=now)
        return Done("岗位已停用。", to=self.url("roster-posts"))


class PatternNew(FormPage):
    """Make a rotation for a post (新建轮班规则)."""

    name = "roster-pattern-new"
    path = "operations/roster/posts/<int:pk>/patterns/new/"
    title = "新建轮班规则"
    permission = queries.EDIT
    parent = "roster-post"
    form = forms.PatternForm
    units = {"turn_days": "天"}
    intro = "固定岗填一轮即可；三班倒建三条规则，各写自己的时段。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the post."""
        return queries.get_post(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start empty: what the post is called says nothing about its rotation."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the pattern."""
        services.save_pattern(scope, now=now, post_id=thing.pk, **data)
        return Done("轮班规则已保存，值班表已更新。", to=self.url("roster-post", pk=thing.pk))


class PatternEnd(FormPage):
    """Let a rotation end (结束轮班规则)."""

    name = "roster-pattern-end"
    path = "operations/roster/patterns/<int:pk>/end/"
    title = "结束轮班规则"
    permission = queries.EDIT
    parent = "roster-posts"
    form = forms.EndForm
    submit = "结束"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the pattern."""
        return queries.get_pattern(scope, kwargs["pk"])

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """End it."""
        services.end_pattern(scope, thing.pk, now=now, last_on=data["last_on"])
        return Done("轮班规则将在该日后结束。", to=self.url("roster-post", pk=thing.post_id))


PAGES: Sequence[type[Any]] = [PostList, PostNew, PostDetail, PostEdit, PostArchive, PatternNew, PatternEnd]
