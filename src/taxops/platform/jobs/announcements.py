"""Telling open pages and people how runs go (作业进展的推送与通知)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction

from taxops.platform.live.services import publish

from .models import JobRun
from .rules import State

Teller = Callable[[JobRun, datetime], None]
_tellers: list[Teller] = []


def on_given_up(teller: Teller) -> None:
    """Let `teller` hear of every run that was given up or failed; the composition root wires notices so."""
    if teller not in _tellers:
        _tellers.append(teller)


def topic(run_id: str) -> str:
    """Return the live topic on which a run's progress is told (推送主题)."""
    return f"jobs.{run_id}"


def progress(run_id: str, *, done: int, total: int, text: str) -> None:
    """Tell whoever looks at the run how far it is."""
    payload = {"state": State.RUNNING.value, "label": State.RUNNING.label, "done": done, "total": total}
    publish(topic(run_id), {**payload, "text": text}, key=run_id)


def state(run: JobRun, now: datetime) -> None:
    """Tell that a run has come to another state; people are told of the ones that went wrong."""
    if run.actor_id is not None:
        publish(
            topic(run.id),
            {
                "state": run.state,
                "label": State.label_of(run.state),
                "done": run.done,
                "total": run.total,
                "text": run.error or run.text,
            },
            key=run.id,
        )
    if run.state in (State.DEAD, State.FAILED):
        for teller in _tellers:
            transaction.on_commit(partial(teller, run, now), robust=True)
