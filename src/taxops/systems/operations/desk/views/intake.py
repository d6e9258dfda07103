"""Intake (受理): one form for every way in, similar cases and articles beside it while one types."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.systems.operations.cases import queries as cases
from taxops.systems.operations.desk import forms, queries, rules, services
from taxops.systems.operations.desk.words import Channel
from taxops.systems.operations.knowledge import queries as knowledge
from taxops.web.kit import Change, Done, FormPage, Page, Preview

from .links import case_url


class Intake(FormPage):
    """Take in what somebody asks or reports (受理台)."""

    name = "desk-intake"
    path = "operations/desk/"
    title = "受理台"
    permission = queries.OPEN
    form = forms.IntakeForm
    submit = "受理"
    template = "operations/desk/intake.html"
    fieldsets = (
        ("对话", ("conversation",)),
        (
            "受理",
            (
                "title",
                "type_code",
                "channel",
                "urgency",
                "requester",
                "contact",
                "org_id",
                "system",
                "hall",
                "at",
            ),
        ),
        ("内容", ("description", "answer", "article_id", "canned_id", "key")),
    )

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope and the systems that may be named."""
        return {"scope": scope, "systems": cases.systems_to_name(scope)}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with a key of its own: however often it is sent, one case is opened."""
        return {"key": secrets.token_hex(12), "urgency": "normal", "channel": "phone"}

    def _read(
        self, now: datetime, data: Mapping[str, Any]
    ) -> tuple[dict[str, Any], rules.Conversation | None]:
        """Return the values with what the conversation says where the form says nothing."""
        values = dict(data)
        if not values.get("conversation"):
            return values, None
        read = rules.read_conversation(values["conversation"], now=now, staff=queries.staff_names())
        values["title"] = values["title"] or read.title
        values["requester"] = values["requester"] or read.requester
        values["contact"] = values["contact"] or read.contact
        values["at"] = values["at"] or read.asked_at
        if values["channel"] == Channel.PHONE:
            values["channel"] = read.channel
        if not values["description"]:
            values["description"] = "\n".join(
                f"{m.name}：{m.text}" if m.name else m.text for m in read.messages
            )[:4000]
        if not values["title"] or not values["requester"]:
            raise BadInput("没有从对话中识别出标题或提出人。", "请补填后再受理。", field="title")
        return values, read

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview | None:
        """Show what was read from a conversation before it becomes a case."""
        values, read = self._read(now, data)
        if read is None:
            return None
        at = values["at"].astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if values["at"] else "现在"
        return Preview(
            f"从对话中识别出 {len(read.messages)} 条消息，将这样受理；原文作为附件保存。",
            [
                Change("标题", "", values["title"]),
                Change("提出人", "", values["requester"]),
                Change("提出时间", "", at),
                Change("渠道", "", Channel.label_of(values["channel"])),
                *([Change("系统", "", cases.system_name(values["system"]))] if values["system"] else []),
            ],
        )

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Open the case."""
        values, _ = self._read(now, data)
        case = services.receive(
            scope,
            now=now,
            values=values,
            org_id=values["org_id"],
            key=values["key"] or secrets.token_hex(12),
            at=values["at"],
            conversation=values["conversation"],
            answer=values["answer"],
            article_id=values["article_id"],
            canned_id=values["canned_id"],
        )
        said = "已受理并答复" if values["answer"].strip() else "已受理"
        return Done(f"{said}：{case.number} {case.title}", to=self.url("desk-intake"))

    def cancel_url(self) -> str:
        """Begin anew."""
        return self.url("desk-intake")


class IntakeSimilar(Page):
    """What resembles the text that is being typed (相似事项和知识)."""

    name = "desk-similar"
    path = "operations/desk/similar/"
    title = "相似事项和知识"
    permission = queries.OPEN
    parent = "desk-intake"
    template = "operations/desk/similar_page.html"
    part_template = "operations/desk/similar.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return similar cases, related articles and canned answers; six queries at most."""
        text = f"{self.request.GET.get('title', '')} {self.request.GET.get('description', '')}"
        text = text.replace("\x00", "").strip()[:600]
        alike = queries.similar_cases(scope, text)
        numbers = queries.numbers_of(alike)
        return {
            "text": text,
            "cases": [
                (hit, numbers[hit.object_id], case_url(hit.object_id))
                for hit in alike.hits
                if hit.object_id in numbers
            ],
            "articles": knowledge.related(scope, text).hits if scope.has(knowledge.VIEW) else [],
            "answers": queries.answers_for(scope, text) if scope.has(queries.HANDLE) else [],
        }


PAGES: Sequence[type[Any]] = [Intake, IntakeSimilar]
