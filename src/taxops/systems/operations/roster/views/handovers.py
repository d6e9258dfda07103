"""Hand-overs (交接班): which are due, writing one, taking over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import CHINA, Scope
from taxops.systems.operations.roster import forms, queries, services
from taxops.systems.operations.roster.words import HandoverState
from taxops.web.kit import Action, DetailPage, Done, Fact, FormPage, Page, State, Tone, state_of

_TONES = {"due": Tone.PLAIN, "written": Tone.ACTIVE, "accepted": Tone.GOOD, "missed": Tone.BAD}


class HandoverBoard(Page):
    """Every change of shift of two weeks with its note (交接班)."""

    name = "roster-handovers"
    path = "operations/roster/handovers/"
    title = "交接班"
    permission = queries.VIEW
    parent = "roster-calendar"
    live_topic = "roster"
    template = "operations/roster/handovers.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the changes of shift of the last two weeks and the next day."""
        posts = list(queries.list_posts(scope))
        rows = queries.handovers_between(posts, now - timedelta(days=14), now + timedelta(days=1), now)
        shown = [
            {
                "row": row,
                "badge": state_of(row.state.value, label=row.state.label, tones=_TONES),
                "mine": scope.actor_id in row.boundary.leaving and row.note is None,
                "take": scope.actor_id in row.boundary.coming and row.state == HandoverState.WRITTEN,
                "at": row.at.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M"),
            }
            for row in rows[:300]
        ]
        n = {state: sum(1 for r in rows if r.state == state) for state in HandoverState}
        return {"rows": shown, "counts": [(s.label, n[s], _TONES[s.value].value) for s in HandoverState]}


class HandoverDetail(DetailPage):
    """One hand-over (交接班记录)."""

    name = "roster-handover"
    path = "operations/roster/handovers/<int:pk>/"
    title = "交接班记录"
    permission = queries.VIEW
    parent = "roster-handovers"
    audit_kind = "handover"
    facts = [
        Fact(name="post", label="岗位"),
        Fact(name="at", label="交接时间", kind="datetime"),
        Fact(name="giver", label="交班人", value=lambda h: str(h.giver)),
        Fact(name="written_at", label="填写时间", kind="datetime"),
        Fact(name="taker", label="接班人", value=lambda h: str(h.taker or "")),
        Fact(name="accepted_at", label="接班时间", kind="datetime"),
        Fact(name="open_items", label="未结事项", wide=True),
        Fact(name="risks", label="风险与注意", wide=True),
        Fact(name="remark", label="接班意见", wide=True),
    ]
    actions = [
        Action(
            "接班确认", page="roster-handover-accept", style="primary", when=lambda h: h.accepted_at is None
        )
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the hand-over."""
        return queries.get_handover(scope, kwargs["pk"])

    def state(self, thing: Any) -> State:
        """Return its badge."""
        code = HandoverState.ACCEPTED if thing.accepted_at else HandoverState.WRITTEN
        return state_of(code.value, label=code.label, tones=_TONES)


class HandoverWrite(FormPage):
    """Write the note (填写交接班记录)."""

    name = "roster-handover-write"
    path = "operations/roster/posts/<int:pk>/handover/"
    title = "填写交接班记录"
    permission = queries.VIEW
    parent = "roster-handovers"
    form = forms.HandoverForm
    submit = "提交"
    intro = "提交后不能修改；接班人确认后交接完成。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the post."""
        return queries.get_post(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with the instant in the link."""
        at = self.request.GET.get("at", "")
        return {"at": at} if len(at) == 16 and "\x00" not in at else {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the note."""
        made = services.write_handover(scope, now=now, post_id=thing.pk, **data)
        return Done("已提交，待接班人确认。", to=self.url("roster-handover", pk=made.pk))


class HandoverAccept(FormPage):
    """Take over (接班确认)."""

    name = "roster-handover-accept"
    path = "operations/roster/handovers/<int:pk>/accept/"
    title = "接班确认"
    permission = queries.VIEW
    parent = "roster-handover"
    form = forms.RemarkForm
    submit = "确认接班"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the hand-over."""
        return queries.get_handover(scope, kwargs["pk"])

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Accept it."""
        services.accept_handover(scope, thing.pk, now=now, remark=data["remark"])
        return Done("已接班。", to=self.url("roster-handover", pk=thing.pk))


PAGES: Sequence[type[Any]] = [HandoverBoard, HandoverDetail, HandoverWrite, HandoverAccept]
