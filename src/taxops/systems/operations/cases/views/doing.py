"""Pages on which something is done with a case (办理页面): opening, steps, assigning, talking, files, links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.engines.cases import Transition
from taxops.platform.casework import queries, registry, services
from taxops.platform.casework.rules import QUEUES
from taxops.platform.identity.queries import list_orgs, me, people_with
from taxops.systems.operations.cases import forms
from taxops.systems.operations.cases import queries as reads
from taxops.systems.operations.cases import services as room
from taxops.systems.operations.cases.forms import typed
from taxops.web.kit import ActionPage, Confirm, Done, FormPage, Page

OPEN = "cases.open"


class CaseTypes(Page):
    """Which kinds of case one may open (选择事项类型)."""

    name = "cases-types"
    path = "operations/cases/new/"
    title = "发起事项"
    permission = OPEN
    parent = "cases-list"
    template = "operations/cases/types.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the types that the reader may open."""
        return {"types": [k for k in registry.all_types() if any(scope.has(role) for role in k.openers)]}


class CaseOpen(FormPage):
    """Open a case of a type (发起)."""

    name = "cases-open"
    path = "operations/cases/new/<slug:code>/"
    title = "发起事项"
    permission = OPEN
    parent = "cases-types"
    form = forms.OpenForm
    submit = "发起"

    @property
    def kind(self) -> Any:
        """The type that is opened."""
        return registry.current(self.kwargs["code"])

    def heading_text(self) -> str:
        """Return the heading with the type's name."""
        return f"发起{self.kind.label}"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the reader's own organisation and name, and what the link fills in."""
        person = me(scope)
        asked = {a.code for a in self.kind.opening}
        given = {
            name: str(value)
            for name, value in self.request.GET.items()
            if name in asked and "\x00" not in value
        }
        if "system" in given:
            given["system"] = reads.system_name(given["system"])
        return {"org": person.org_id, "requester": person.display_name, **given}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the type and the organisations where the reader may open it."""
        role = next((r for r in self.kind.openers if scope.has(r)), OPEN)
        orgs = list(list_orgs(scope, permission=role, on=now.date()).values_list("pk", "name"))
        return {"kind": self.kind, "asks": self.kind.opening, "orgs": orgs, "systems": self._systems(scope)}

    def _systems(self, scope: Scope) -> Sequence[tuple[str, str]]:
        """Return the systems that may be named, where this type names one."""
        return reads.systems_to_name(scope) if any(a.code == "system" for a in self.kind.opening) else ()

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Open the case."""
        form = typed.TypedForm(kind=self.kind, asks=self.kind.opening, systems=self._systems(scope))
        case = services.open_new(
            scope,
            now=now,
            type_code=self.kind.code,
            org_id=int(data["org"]),
            data={k: v for k, v in form.data_of(data).items() if v is not None},
            at=data.get("happened_at"),
            key=f"page-{data['token']}" if data.get("token") else "",
        )
        return Done(f"已发起 {case.number}。", to=self.url("cases-case", pk=case.pk))


class _OfCase(FormPage):
    """What forms about one case share."""

    permission = OPEN
    parent = "cases-case"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case within the scope."""
        return queries.find(scope, kwargs["pk"])

    def version(self, thing: Any) -> str:
        """Return the case's version, so that a step taken meanwhile is shown."""
        return str(thing.version)

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start empty."""
        return {}

    def crumb_label(self, step: type[Page]) -> str:
        """Return the case's number for the page of the case."""
        return str(self.thing.number) if step.name == "cases-case" else step.title

    def there(self, words: str) -> Done:
        """Return to the case."""
        return Done(words, to=self.url("cases-case", pk=self.kwargs["pk"]))


class CaseStep(_OfCase):
    """Take a step (办理)."""

    name = "cases-step"
    path = "operations/cases/<int:pk>/do/<slug:step>/"
    title = "办理"
    form = forms.StepForm

    @property
    def step(self) -> Transition:
        """The step of the case's type.

        Raises:
            NotFound: there is none of that name.
        """
        found = queries.kind_of(self.thing).transitions.get(self.kwargs["step"])
        if found is None or found.effect in ("run_datafix", "settle_datafix"):
            raise NotFound("没有这个操作。", "请从事项页面进入。")
        return found

    def heading_text(self) -> str:
        """Return the step's name and the case."""
        return f"{self.step.label}：{self.thing.title}"

    @property
    def intro(self) -> str:  # type: ignore[override]
        """What the step is about."""
        return self.step.help

    @property
    def submit(self) -> str:  # type: ignore[override]
        """The button says what will be done."""
        return self.step.label

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return what the case holds already, but for what is given anew each time."""
        fields = queries.kind_of(thing).fields
        return {
            a.code: typed.shown(fields[a.code], thing.data.get(a.code))
            for a in self.step.asks
            if not fields[a.code].each
        }

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the type and what the step asks for."""
        return {"kind": queries.kind_of(thing), "asks": self.step.asks}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Take the step."""
        form = typed.TypedForm(kind=queries.kind_of(thing), asks=self.step.asks)
        services.take(
            scope,
            now=now,
            case_id=thing.pk,
            step=self.step.code,
            data=form.data_of(data),
            at=data.get("happened_at"),
            version=thing.version,
            key=f"page-{data['token']}" if data.get("token") else "",
        )
        return self.there(f"已办理：{self.step.label}。")


class CaseAssign(_OfCase):
    """Give a case to somebody or to another queue (分派)."""

    name = "cases-assign"
    path = "operations/cases/<int:pk>/assign/"
    title = "分派"
    form = forms.AssignForm

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with the queue as it is and oneself."""
        return {"queue": thing.queue, "to": scope.actor_id}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the people who may work on any queue there."""
        found: dict[int, str] = {}
        for code in QUEUES:
            for person in people_with(QUEUES.get(code).permission, thing.org.path, now=now)[:200]:
                found[person.pk] = f"{person.display_name}（{person.org}）"
        return {"people": sorted(found.items(), key=lambda pair: pair[1])}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Assign it."""
        services.assign(
            scope, now=now, case_id=thing.pk, to=data.get("to"), queue=data["queue"], reason=data["reason"],
            version=thing.version,
        )  # fmt: skip
        return self.there("已分派。")


class CaseComment(_OfCase):
    """Say something about a case (留言)."""

    name = "cases-comment"
    path = "operations/cases/<int:pk>/comment/"
    title = "留言"
    submit = "留言"
    form = forms.CommentForm

    def version(self, thing: Any) -> str:
        """Return nothing: a comment fits whatever the case has become."""
        return ""

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Add the comment."""
        services.comment(scope, now=now, case_id=thing.pk, text=data["text"])
        return self.there("已留言。")


class CaseAttach(_OfCase):
    """Add a file to a case (上传附件)."""

    name = "cases-attach"
    path = "operations/cases/<int:pk>/attach/"
    title = "上传附件"
    submit = "上传"
    form = forms.AttachForm

    def version(self, thing: Any) -> str:
        """Return nothing: a file fits whatever the case has become."""
        return ""

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the file."""
        file = data["file"]
        services.attach(
            scope, now=now, case_id=thing.pk, name=file.name, stream=file, label=data.get("label", "")
        )
        return self.there("附件已上传。")


class CaseLink(_OfCase):
    """Link a case with another, or merge it (关联、合并)."""

    name = "cases-link"
    path = "operations/cases/<int:pk>/link/"
    title = "关联"
    form = forms.LinkForm
    submit = "确定"
    intro = "「并入」后本事项办结，以后在对方事项中办理；其他关系只记入双方。"

    def heading_text(self) -> str:
        """Return the page's name and the case."""
        return f"关联：{self.thing.title}"

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Link or merge."""
        try:
            other = queries.by_number(scope, data["number"])
        except NotFound as error:
            raise BadInput(error.what, error.todo, field="number") from error
        if data["kind"] == "merge":
            services.merge(scope, now=now, case_id=thing.pk, into_id=other.pk, reason=data["reason"])
            return self.there(f"已并入 {other.number}。")
        services.link(scope, now=now, source_id=thing.pk, kind=data["kind"], target_id=other.pk)
        return self.there("已关联。")


class CaseWatch(ActionPage):
    """Watch a case, or watch it no longer (关注)."""

    name = "cases-watch"
    path = "operations/cases/<int:pk>/watch/"
    title = "关注"
    permission = OPEN
    parent = "cases-case"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case within the scope."""
        return queries.find(scope, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will be."""
        on = queries.is_watched(scope, thing)
        if on:
            return Confirm(f"不再关注 {thing.number}，以后不收到它的通知。")
        return Confirm(f"关注 {thing.number}，有进展时通知您。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Turn it round."""
        on = not queries.is_watched(scope, thing)
        services.watch(scope, now=now, case_id=thing.pk, on=on)
        return Done("已关注。" if on else "已取消关注。", to=self.url("cases-case", pk=thing.pk))


class CaseExecute(ActionPage):
    """Execute an approved data fix (执行数据修改)."""

    name = "cases-execute"
    path = "operations/cases/<int:pk>/execute/"
    title = "执行数据修改"
    permission = "cases.execute"
    parent = "cases-case"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case within the scope."""
        found = queries.find(scope, kwargs["pk"])
        return found if found is not None and found.type == "datafix" else None

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will be executed where."""
        data = thing.data
        return Confirm(
            f"将在目标「{data.get('target', '')}」的一个事务中执行已批准的脚本，最多 {data.get('row_limit', 0)} 行；"
            "超过上限或逆向语句试运行不成，全部撤回。",
            warning=str(data.get("script", ""))[:2000],
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Execute it."""
        done = room.execute(scope, now=now, case_id=thing.pk, version=thing.version)
        return Done(f"已执行，影响 {done.data['affected']} 行。", to=self.url("cases-case", pk=thing.pk))
