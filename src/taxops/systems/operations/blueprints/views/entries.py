"""The editor of a template's checks and of what is asked when it is applied (模板检查与填写内容编辑)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.engines.checks import Kind, check_kinds
from taxops.systems.operations.blueprints import forms, queries, services
from taxops.web.kit import (
    ActionPage,
    Done,
    FormPage,
)


class _Entry(FormPage):
    """The root of both entry editors."""

    permission = "blueprints.edit"
    parent = "blueprint"
    form = forms.EntryForm
    submit = "存入草稿"
    units = {
        "interval_s": "秒",
        "retry_interval_s": "秒",
        "timeout_s": "秒",
        "confirm": "次",
        "recover": "次",
    }

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    @property
    def held(self) -> dict[str, Any] | None:
        """The entry that is edited; None: a new one."""
        return None

    @property
    def kind(self) -> Kind:
        """Whose parameters are asked for."""
        wanted = str((self.held or {}).get("kind") or self.request.GET.get("kind", "tcp"))
        return check_kinds.get(wanted if wanted in check_kinds else "tcp")

    @property
    def fieldsets(self) -> Sequence[tuple[str, Sequence[str]]]:  # type: ignore[override]  # depends on the kind
        """The blocks of the form."""
        params = [f"params.{p.name}" for p in forms.asked_params(self.kind)]
        judged = [] if self.kind.passive else [("判断", ["conditions", "warnings"])]
        timed = [] if self.kind.passive else [("多久一次", list(forms.NUMBERS))]
        return [
            (f"检查什么（{self.kind.title}）", ["key", "name", "target", "asset_type"]),
            *judged,
            *timed,
            *([("参数", params)] if params else []),
            ("归类", ["item", "zone", "severity", "role", "group"]),
        ]

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the entry's values."""
        return forms.initial_of(self.held) if self.held else {}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the kind."""
        return {"kind": self.kind, "fixed_key": self.held is not None}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it in the draft."""
        entry = forms.entry_of(self.kind, data, self.held)
        if self.held is None and any(e["key"] == entry["key"] for e in thing.draft.get("entries", [])):
            raise BadInput(f"代码「{entry['key']}」已有一条检查在用。", "请换一个代码。", field="key")
        services.save_entry(scope, thing.pk, now=now, key=entry["key"], entry=entry)
        return Done(f"「{entry['name']}」已存入草稿，发布后生效。", to=self.url("blueprint", pk=thing.pk))


class EntryNew(_Entry):
    """Add a check to a template (模板增加检查)."""

    name = "blueprint-entry-new"
    path = "operations/blueprints/<int:pk>/entries/new/"
    title = "增加检查"


class EntryEdit(_Entry):
    """Change a check of a template (修改模板检查)."""

    name = "blueprint-entry"
    path = "operations/blueprints/<int:pk>/entries/<slug:key>/"
    title = "修改检查"

    @property
    def held(self) -> dict[str, Any]:
        """The entry in the address.

        Raises:
            NotFound: the draft has none of that key.
        """
        for entry in self.thing.draft.get("entries", []):
            if entry["key"] == self.kwargs["key"]:
                return dict(entry)
        raise NotFound("模板中没有这条检查。", "它可能已被去掉。")


class EntryRemove(ActionPage):
    """Take a check out of a template's draft (去掉模板检查)."""

    name = "blueprint-entry-remove"
    path = "operations/blueprints/<int:pk>/entries/<slug:key>/remove/"
    title = "去掉检查"
    permission = "blueprints.edit"
    parent = "blueprint"
    confirm = "将从草稿中去掉这条检查；发布并更新到系统之前，已建立的检查项不变。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take it out."""
        services.save_entry(scope, thing.pk, now=now, key=self.kwargs["key"], entry=None)
        return Done("已从草稿中去掉。", to=self.url("blueprint", pk=thing.pk))


class _Ask(FormPage):
    """The root of both editors of what is asked for."""

    permission = "blueprints.edit"
    parent = "blueprint"
    form = forms.AskForm
    submit = "存入草稿"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    @property
    def held(self) -> dict[str, Any] | None:
        """The question that is edited; None: a new one."""
        return None

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the question's values; a new one may be named in the address."""
        return self.held or {"name": self.request.GET.get("name", "")[:40]}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Keep the placeholder of one that is there: checks name it."""
        return {"fixed_name": self.held is not None}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it in the draft."""
        ask = forms.ask_of(data)
        if self.held is None and any(one["name"] == ask["name"] for one in thing.draft.get("asks", [])):
            raise BadInput(f"占位符「{ask['name']}」已有一项在用。", "请换一个名称。", field="name")
        services.save_ask(scope, thing.pk, now=now, name=ask["name"], ask=ask)
        return Done(f"「{ask['label']}」已存入草稿，发布后生效。", to=self.url("blueprint", pk=thing.pk))


class AskNew(_Ask):
    """Add a question to a template (增加填写内容)."""

    name = "blueprint-ask-new"
    path = "operations/blueprints/<int:pk>/asks/new/"
    title = "增加填写内容"


class AskEdit(_Ask):
    """Change a question of a template (修改填写内容)."""

    name = "blueprint-ask"
    path = "operations/blueprints/<int:pk>/asks/<str:ask>/"
    title = "修改填写内容"

    @property
    def held(self) -> dict[str, Any]:
        """The question in the address.

        Raises:
            NotFound: the draft has none of that name.
        """
        for ask in self.thing.draft.get("asks", []):
            if ask["name"] == self.kwargs["ask"]:
                return dict(ask)
        raise NotFound("模板中没有这项填写内容。", "它可能已被去掉。")


class AskRemove(ActionPage):
    """Take a question out of a template's draft (去掉填写内容)."""

    name = "blueprint-ask-remove"
    path = "operations/blueprints/<int:pk>/asks/<str:ask>/remove/"
    title = "去掉填写内容"
    permission = "blueprints.edit"
    parent = "blueprint"
    confirm = "将从草稿中去掉这项填写内容；还有检查在用它时不能去掉。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take it out."""
        services.save_ask(scope, thing.pk, now=now, name=self.kwargs["ask"], ask=None)
        return Done("已从草稿中去掉。", to=self.url("blueprint", pk=thing.pk))


PAGES: Sequence[type[Any]] = [EntryNew, EntryEdit, EntryRemove, AskNew, AskEdit, AskRemove]
