"""What the desk does to a case besides its steps: joining by number, conferences of experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.casework import queries as casework
from taxops.systems.operations.desk import forms, queries, services
from taxops.systems.operations.desk.words import Joining
from taxops.web.kit import Column, DateRangeFilter, Done, FormPage, ListPage

from .links import case_url


class CaseJoin(FormPage):
    """Merge a case into another or link it, by number (合并、关联)."""

    name = "desk-join"
    path = "operations/desk/cases/<int:pk>/join/"
    title = "合并与关联"
    permission = queries.HANDLE
    parent = "desk-queues"
    form = forms.JoinForm
    submit = "确定"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case."""
        return casework.find(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start empty: the number that is asked for is the other case's."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Join the two."""
        other = services.join(
            scope, now=now, case_id=thing.pk, how=data["how"], number=data["number"], reason=data["reason"]
        )
        return Done(f"{Joining.label_of(data['how'])} {other.number}，已记入双方。", to=case_url(thing.pk))


class ConferenceNew(FormPage):
    """Write down a conference (记录专家会诊)."""

    name = "desk-conference-new"
    path = "operations/desk/cases/<int:pk>/conference/"
    title = "记录专家会诊"
    permission = casework.VIEW
    parent = "desk-conferences"
    form = forms.ConferenceForm
    intro = "由二线或项目经理记录；结论同时写入事项。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case."""
        return casework.find(scope, kwargs["pk"])

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.record_conference(scope, now=now, case_id=thing.pk, **data)
        return Done("会诊已记录。", to=case_url(thing.pk))


class ConferenceList(ListPage):
    """All conferences (专家会诊)."""

    name = "desk-conferences"
    path = "operations/desk/conferences/"
    title = "专家会诊"
    permission = casework.VIEW
    columns = [
        Column(name="held_at", label="会诊时间", kind="datetime"),
        Column(
            name="case", label="事项", link=lambda c: case_url(c.case_id), sort="case__number", card="title"
        ),
        Column(name="experts", label="参加专家"),
        Column(name="conclusion", label="会诊结论", wide=True),
        Column(name="opinions", label="各方意见", wide=True, hidden=True),
        Column(name="recorded_by", label="记录人", value=lambda c: str(c.recorded_by or ""), sort=""),
    ]
    filters = [DateRangeFilter(name="held", label="会诊日期", field="held_at")]
    scope_field = "case__org__path"
    search = ["experts", "conclusion", "case__number", "case__title"]
    sort = "-held_at"
    empty = "还没有会诊记录。在办理队列中打开事项后记录。"

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the conferences within the scope."""
        return queries.conferences(scope)


PAGES: Sequence[type[Any]] = [CaseJoin, ConferenceNew, ConferenceList]
