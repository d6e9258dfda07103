"""The check editor (检查项编辑器): a form made from the kind's declaration, with 「试一试」 beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import BadInput, Scope, TaxopsError
from taxops.engines.checks import Kind, Verdict, check_kinds
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.systems.operations.monitoring.forms.checks import initial_of
from taxops.web.kit import Done, FormPage, Page

from . import badges
from .checks import trace_parts

_CODES = {Verdict.OK: 0, Verdict.WARNING: 1, Verdict.CRITICAL: 2, Verdict.UNKNOWN: 3}

HELP = (
    ("status == 200", "数值相等"),
    ('body.code == "0"', "JSON 正文中的值；文字加引号"),
    ("duration_ms < 1000 and size > 0", "同时成立用 and，任一成立用 or，取反用 not"),
    ('text contains "发票"', "包含文字；另有 startswith、endswith、matches（正则表达式）"),
    ("status in [200, 204]", "列表中的一个"),
    ("cert_days > 30", "证书剩余天数"),
    ("age_s < 30m", "可带单位：ms s m h d、KB MB GB、%"),
    ("exists(header.etag)", "有这个值；值不存在时条件不成立"),
)
"""What a condition looks like, for the help beside the editor."""


Sayings = Callable[[], Mapping[str, str]]
_sayings: list[Sayings] = []


def say_of_kinds(told: Sayings) -> None:
    """Let a room above say of each kind what it was proven against here (类型验证情况); the last one counts."""
    _sayings[:] = [told]


def _said_of_kinds() -> Mapping[str, str]:
    return _sayings[0]() if _sayings else {}


class _Editor(FormPage):
    """The root of both editors."""

    permission = "monitoring.edit"
    form = forms.CheckForm
    template = "operations/monitoring/check_form.html"
    wide = True
    units = {
        "interval_s": "秒",
        "retry_interval_s": "秒",
        "timeout_s": "秒",
        "confirm": "次",
        "recover": "次",
        "flap_results": "次",
        "flap_high": "%",
        "flap_low": "%",
    }

    @property
    def kind(self) -> Kind:
        """The kind that is edited."""
        raise NotImplementedError

    @property
    def fieldsets(self) -> Sequence[tuple[str, Sequence[str]]]:  # type: ignore[override]  # depends on the kind
        """The blocks of the form."""
        first = [f"params.{p.name}" for p in self.kind.params if p.required or self.kind.passive]
        params = [f"params.{p.name}" for p in self.kind.params if f"params.{p.name}" not in first]
        judged = [] if self.kind.passive else [("判断", ["conditions", "warnings"])]
        timed = (
            [] if self.kind.passive else ["interval_s", "retry_interval_s", "timeout_s", "confirm", "recover"]
        )
        return [
            ("检查什么", ["system", "name", "target", *first]),
            *judged,
            *([("多久一次", timed)] if timed else []),
            *([("抖动", ["flap", "flap_results", "flap_high", "flap_low"])] if timed else []),
            *([("参数", params)] if params else []),
            ("归类", ["item", "zone", "severity", "note"]),
        ]

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Add the help beside the form."""
        kind = self.kind
        return super().show(
            template,
            {
                **context,
                "kind": kind,
                "facts": kind.facts,
                "condition_help": HELP,
                "may_try": not kind.passive and self.scope.has("monitoring.run"),
                "check_id": self.kwargs.get("pk", ""),
            },
            status,
        )

    @staticmethod
    def placed(error: BadInput) -> BadInput:
        """Return the error on the field of the form that holds the condition."""
        if error.field and error.field.split(".", 1)[0] in {"conditions", "warnings"}:
            name, _, place = error.field.partition(".")
            if place.isdecimal():
                error.what = f"第 {int(place) + 1} 条：{error.what}"
            error.field = name
        return error


class CheckNew(_Editor):
    """Set up a check (新建检查项)."""

    name = "monitoring-check-new"
    path = "operations/checks/new/"
    title = "新建检查项"
    parent = "monitoring-checks"
    submit = "建立"

    @property
    def kind(self) -> Kind:
        """The kind in the address; http when there is none."""
        wanted = self.request.GET.get("kind", "http")
        return check_kinds.get(wanted) if wanted in check_kinds else check_kinds.get("http")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for the kind first."""
        if request.GET.get("kind") not in check_kinds:
            said = _said_of_kinds()
            kinds = [(kind, said.get(name, kind.verified)) for name, kind in check_kinds.items()]
            return Page.show(
                self,
                "operations/monitoring/kinds.html",
                {"kinds": kinds, "system": request.GET.get("system", "")},
            )
        return super().get(request, *args, **kwargs)

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the system in the address and the kind's defaults."""
        asked = {name: self.request.GET[name] for name in ("system", "item") if name in self.request.GET}
        slow = self.kind.name in {"tls", "sql", "kafka_lag", "flow"}
        return {**asked, "timeout_s": 15 if slow else 5}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form scope and kind."""
        return {"scope": scope, "kind": self.kind}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        try:
            made = services.create_check(
                scope, now=now, system_id=data["system"], definition=_definition(self.kind, data)
            )
        except BadInput as error:
            raise self.placed(error) from None
        return Done(
            f"检查项「{made.name}」已建立，几秒内开始探测。", to=self.url("monitoring-check", pk=made.pk)
        )


class CheckEdit(_Editor):
    """Change a check (编辑检查项)."""

    name = "monitoring-check-edit"
    path = "operations/checks/<int:pk>/edit/"
    title = "编辑检查项"
    parent = "monitoring-check"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the check."""
        return queries.get_check(scope, now, kwargs["pk"], "monitoring.edit")

    @property
    def kind(self) -> Kind:
        """The check's kind; it does not change."""
        return check_kinds.get(self.thing.kind)

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the stored definition."""
        return {"system": thing.system_id, **initial_of(services.definition_of(thing), self.kind)}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form scope, kind and which secrets are stored."""
        return {"scope": scope, "kind": self.kind, "sealed": services.sealed_names(thing)}

    def version(self, thing: Any) -> str:
        """Return the check's version."""
        return str(thing.version)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        try:
            made = services.edit_check(
                scope,
                thing.pk,
                now=now,
                definition=_definition(self.kind, data, thing),
                system_id=data["system"],
            )
        except BadInput as error:
            raise self.placed(error) from None
        return Done(
            f"检查项「{made.name}」已保存为第 {made.version} 版。",
            to=self.url("monitoring-check", pk=made.pk),
        )


def _definition(kind: Kind, data: Mapping[str, Any], thing: Any = None) -> services.Definition:
    """Return the definition in a form's cleaned data; what the form does not ask stays as it is."""
    kept = {} if thing is None else {"asset_id": thing.asset_id, "prober_id": thing.prober_id}
    names = (
        "name",
        "target",
        "zone",
        "item",
        "severity",
        "note",
        "interval_s",
        "retry_interval_s",
        "timeout_s",
        "confirm",
        "recover",
        "flap",
        "flap_results",
        "flap_high",
        "flap_low",
    )
    return services.Definition(
        kind=kind.name,
        params={
            p.name: data[f"params.{p.name}"]
            for p in kind.params
            if data.get(f"params.{p.name}") not in (None, "")
        },
        conditions=tuple(data.get("conditions", "").splitlines()),
        warnings=tuple(data.get("warnings", "").splitlines()),
        **{name: data[name] for name in names if name in data},
        **kept,
    )


class CheckTrial(Page):
    """Try what the editor holds (试一试), without storing it; answers a part of the page."""

    name = "monitoring-check-trial"
    path = "operations/checks/trial/"
    title = "试一试"
    permission = "monitoring.run"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say how it is used."""
        return self.show(
            "operations/monitoring/trial_page.html", {"problem": BadInput("请在检查项编辑页面点「试一试」。")}
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Carry the check out once."""
        asked = request.POST
        try:
            kind = check_kinds.get(asked.get("kind", ""))
            number = asked.get("check", "")
            check_id = int(number) if number.isdecimal() and len(number) < 18 else None
            sealed = frozenset[str]()
            if check_id is not None:
                sealed = services.sealed_names(
                    queries.get_check(self.scope, self.now, check_id, "monitoring.run")
                )
            form = forms.CheckForm(data=asked, scope=self.scope, kind=kind, sealed=sealed)
            if not form.is_valid():
                first = next(iter(form.errors.items()))
                label = form.fields[first[0]].label if first[0] in form.fields else first[0]
                raise BadInput(f"{label}：{first[1][0]}", "请先改正再试。")
            result = services.try_definition(
                self.scope,
                now=self.now,
                definition=_definition(kind, form.cleaned_data),
                system_id=form.cleaned_data["system"],
                check_id=check_id,
            )
        except TaxopsError as error:
            return self.show("operations/monitoring/trial.html", {"problem": error})
        return self.show("operations/monitoring/trial.html", tried(result))


def tried(result: Any) -> dict[str, Any]:
    """Return a result as the trial template shows it."""
    return {
        "result": result,
        "verdict": badges.VERDICTS[_CODES[result.verdict]],
        "message": result.message,
        "took_ms": result.duration_ms,
        "metrics": dict(result.metrics),
        "trace": trace_parts(result.evidence, result.phases),
    }


class CheckTry(Page):
    """Carry a stored check out once (试一试)."""

    name = "monitoring-check-try"
    path = "operations/checks/<int:pk>/try/"
    title = "试一试"
    permission = "monitoring.run"
    parent = "monitoring-check"
    template = "operations/monitoring/try.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the check; it is tried by the button."""
        return {"check": queries.get_check(scope, now, kwargs["pk"], "monitoring.run")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Carry it out."""
        check = queries.get_check(self.scope, self.now, kwargs["pk"], "monitoring.run")
        try:
            result = services.try_definition(
                self.scope,
                now=self.now,
                definition=services.definition_of(check),
                system_id=check.system_id,
                check_id=check.pk,
            )
        except TaxopsError as error:
            return self.show(self.template, {"check": check, "problem": error})
        return self.show(self.template, {"check": check, **tried(result)})


PAGES: Sequence[type[Any]] = [CheckNew, CheckTrial, CheckEdit, CheckTry]
