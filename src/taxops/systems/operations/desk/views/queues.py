"""Queues of the first line, the second line and the platform desk (办理队列)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.casework import queries as casework
from taxops.platform.casework import registry
from taxops.platform.casework import services as caseworks
from taxops.platform.casework.rules import QUEUES
from taxops.systems.operations.desk import forms, queries
from taxops.web.kit import ActionPage, Done, FormPage, Page, Tone, state_of

from .links import case_url

_MOST = 100
_TONES = {
    "fine": (Tone.GOOD, "时限内"),
    "near": (Tone.WARNING, "将到期"),
    "over": (Tone.BAD, "已超时"),
    "paused": (Tone.SUSPENDED, "暂停"),
    "met": (Tone.PLAIN, "无时限"),
}


class QueueBoard(Page):
    """What waits in each queue, what breaches next first (办理队列)."""

    name = "desk-queues"
    path = "operations/desk/queues/"
    title = "办理队列"
    permission = casework.VIEW
    live_topic = "cases.changes"
    template = "operations/desk/queues.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the queues with their numbers and the cases of the chosen one."""
        counts = casework.queue_counts(scope, now)
        chosen = self.request.GET.get("queue", "")
        if chosen not in {c.queue.code for c in counts}:
            chosen = "line1"
        kinds = {kind.code: kind.label for kind in registry.all_types()}
        rows = []
        for case in queries.queue_rows(scope, chosen)[:_MOST]:
            tone, word = _TONES[casework.tone_at(case, now)]
            badge = state_of(tone.value, label=word, tones={tone.value: tone})
            rows.append((case, case_url(case.pk), kinds.get(case.type, case.type), badge))
        return {"counts": counts, "chosen": chosen, "rows": rows, "may_handle": scope.has(queries.HANDLE)}


class CasePick(ActionPage):
    """Take a waiting case (领取事项)."""

    name = "desk-pick"
    path = "operations/desk/cases/<int:pk>/pick/"
    title = "领取事项"
    permission = queries.HANDLE
    parent = "desk-queues"
    confirm = "将领取「{thing}」，由您办理。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case."""
        return casework.find(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Assign it to the actor."""
        reason = "" if thing.assignee_id is None else "从队列领取"
        caseworks.assign(scope, now=now, case_id=thing.pk, to=scope.actor_id, reason=reason)
        return Done("已领取。", to=case_url(thing.pk))


class CaseHand(FormPage):
    """Hand a case to another queue, with the reason (移交事项)."""

    name = "desk-hand"
    path = "operations/desk/cases/<int:pk>/hand/"
    title = "移交事项"
    permission = queries.HANDLE
    parent = "desk-queues"
    form = forms.HandForm
    submit = "移交"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case."""
        return casework.find(scope, kwargs["pk"])

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Hand it over, unassigned."""
        caseworks.assign(
            scope, now=now, case_id=thing.pk, to=None, queue=data["queue"], reason=data["reason"]
        )
        return Done(f"已移交到{QUEUES.get(data['queue']).label}。", to=case_url(thing.pk))


PAGES: Sequence[type[Any]] = [QueueBoard, CasePick, CaseHand]
