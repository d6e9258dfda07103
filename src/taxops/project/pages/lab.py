"""The lab page (实验室), demonstration only: each real service, how it is, what watches it, break and heal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse

from taxops.engines.base import Scope, TaxopsError, from_millis
from taxops.platform.audit.services import record
from taxops.project.lab import catalogue, control, plan
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.words import Shown
from taxops.web.kit import ActionPage, Confirm, Done, Page, Tone

PERMISSION = "lab.operate"
VIEW = "monitoring.view"
_TONES = {"running": Tone.GOOD, "broken": Tone.BAD, "absent": Tone.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Watcher:
    """A check that watches a service (检查项), as the page shows it."""

    name: str
    state: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One service as the page shows it (服务卡片)."""

    code: str
    title: str
    what: str
    state: str
    label: str
    tone: Tone
    since: datetime | None
    target: str
    pid: int | None
    modes: tuple[tuple[str, str], ...]
    watchers: tuple[Watcher, ...]
    outages: tuple[tuple[str, str, Any], ...]


def is_watched_by(address: plan.Address, text: str) -> bool:
    """Test whether a check's target and parameters point at a service: by its port, files or heartbeat."""
    if address.port and re.search(rf":{address.port}(?!\d)", text):
        return True
    files = [str(fact) for fact in address.facts.values() if str(fact).startswith("/")]
    return any(file in text for file in files) or (not address.port and not files and address.target in text)


def _url(page: str, pk: int) -> str:
    try:
        return reverse(page, kwargs={"pk": pk})
    except NoReverseMatch:
        return ""  # that room has no such page


def _watching(scope: Scope, now: datetime, lab: plan.Lab) -> dict[str, list[Any]]:
    """Return the checks of each service; two queries for all of them."""
    found: dict[str, list[Any]] = {code: [] for code in lab.services}
    if not scope.has(VIEW):
        return found
    for check in monitoring.list_checks(scope, now).defer(None):
        text = f"{check.code} {check.target} {json.dumps(check.params, ensure_ascii=False)}"
        for code, address in lab.services.items():
            if is_watched_by(address, text) or (code == "heartbeat" and check.kind == "heartbeat"):
                found[code].append(check)
    return found


def _outages(scope: Scope, now: datetime, checks: Iterable[Any]) -> dict[int, list[Any]]:
    """Return the latest outages of these checks, by check."""
    wanted = [check.pk for check in checks]
    found: dict[int, list[Any]] = {}
    if wanted and scope.has(VIEW):
        for outage in monitoring.list_outages(scope, now).filter(check_row_id__in=wanted)[:60]:
            found.setdefault(outage.check_row_id or 0, []).append(outage)
    return found


def cards(scope: Scope, now: datetime) -> list[Card]:
    """Return every service with what watches it.

    Raises:
        NotFound: there is no lab.
        Unavailable: its keeper does not answer.
    """
    data = settings.CONFIG.data
    lab = plan.load(control.folder_in(data))
    told = control.status(data)
    watching = _watching(scope, now, lab)
    outages = _outages(scope, now, [check for checks in watching.values() for check in checks])
    shown = []
    for service in told:
        checks = watching[service["name"]]
        recent = sorted(
            (outage for check in checks for outage in outages.get(check.pk, [])),
            key=lambda outage: outage.started_at,
            reverse=True,
        )[:3]
        shown.append(
            Card(
                code=service["name"],
                title=service["title"],
                what=service["what"],
                state=service["state"],
                label=service["state_label"],
                tone=_TONES[service["state"]],
                since=from_millis(service["since_ms"]) if service.get("since_ms") else None,
                target=service["target"],
                pid=service["pid"],
                modes=tuple(service["modes"].items()),
                watchers=tuple(
                    Watcher(
                        check.name,
                        check.shown,
                        Shown.label_of(check.shown),
                        _url("monitoring-check", check.pk),
                    )
                    for check in checks
                ),
                outages=tuple(
                    (_url("monitoring-outage", outage.pk), outage.check_row.name, outage) for outage in recent
                ),
            )
        )
    return shown


class LabPage(Page):
    """The lab (实验室): break something real, and watch the platform notice."""

    name = "demo-lab"
    path = "demo/lab/"
    title = "实验室"
    permission = PERMISSION
    demo_only = True
    template = "project/lab.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the cards, or why there are none."""
        try:
            return {"cards": cards(scope, now), "problem": None}
        except TaxopsError as error:
            return {"cards": [], "problem": error}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the page, or only its cards when they are to be refreshed."""
        refreshing = request.headers.get("HX-Target") == "lab"
        template = "project/lab_cards.html" if refreshing else self.template
        return self.show(template, self.context(self.scope, self.now))


def _note(scope: Scope, now: datetime, action: str, answer: Mapping[str, Any]) -> Done:
    """Write the trail when something was changed, and return the words for the reader."""
    if answer["changed"]:
        service = answer["service"]
        with transaction.atomic():
            record(
                scope,
                now=now,
                action=action,
                kind="lab",
                object_id=service["name"],
                label=service["title"],
                after={"状态": service["state_label"]},
            )
    return Done(answer["message"])


class LabBreak(ActionPage):
    """Break a service (制造故障)."""

    name = "demo-lab-break"
    path = "demo/lab/<slug:code>/break/<slug:mode>/"
    title = "制造故障"
    permission = PERMISSION
    parent = "demo-lab"
    demo_only = True
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> catalogue.Service:
        """Return the service; an unknown name or mode is an error of its own."""
        service = catalogue.find(kwargs["code"])
        service.mode(kwargs["mode"])
        return service

    def ask(self, scope: Scope, now: datetime, thing: catalogue.Service) -> Confirm:
        """Say what will happen to which real process."""
        label = thing.modes[self.kwargs["mode"]]
        return Confirm(
            f"将使「{thing.title}」{label}。这是真实的进程，监控会在确认后记为中断；随时可以在本页恢复。"
        )

    def act(self, scope: Scope, now: datetime, thing: catalogue.Service, **kwargs: Any) -> Done:
        """Break it."""
        answer = control.break_(settings.CONFIG.data, thing.code, kwargs["mode"])
        return _note(scope, now, "lab.break", answer)


class LabHeal(ActionPage):
    """Bring a service back (恢复)."""

    name = "demo-lab-heal"
    path = "demo/lab/<slug:code>/heal/"
    title = "恢复"
    permission = PERMISSION
    parent = "demo-lab"
    demo_only = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> catalogue.Service:
        """Return the service; an unknown name is an error of its own."""
        return catalogue.find(kwargs["code"])

    def ask(self, scope: Scope, now: datetime, thing: catalogue.Service) -> Confirm:
        """Say what will happen."""
        return Confirm(f"将恢复「{thing.title}」。监控会在连续成功后记为恢复。")

    def act(self, scope: Scope, now: datetime, thing: catalogue.Service, **kwargs: Any) -> Done:
        """Heal it."""
        return _note(scope, now, "lab.heal", control.heal(settings.CONFIG.data, thing.code))
