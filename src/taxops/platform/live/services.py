"""Telling open pages what changed (实时推送的发布)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from . import stores, topics
from .rules import item_text


def publish(topic: str, payload: Mapping[str, Any], *, key: str = "") -> None:
    """Tell listeners of `topic` what changed, after the caller's transaction commits.

    Best effort by design: a page can always be loaded again, so a store that does not answer is
    logged and never undoes the business change behind the event.

    Args:
        topic: a declared topic, with `@` and an organisation path when it concerns one.
        payload: a small JSON object; a hint what to show or load, not the thing itself.
        key: the object it is about; of several events with one key a slow page hears only the last.

    Raises:
        ValueError: the payload is too large or not JSON.
    """
    publish_many([(topic, payload, key)])


def publish_many(events: Iterable[tuple[str, Mapping[str, Any], str]]) -> None:
    """Tell several `(topic, payload, key)` at once, with one write; see `publish`.

    Raises:
        ValueError: a payload is too large or not JSON.
    """
    drafts = []
    for topic, payload, key in events:
        name, path = topics.split(topic)
        drafts.append(stores.Draft(name, path, key[:120], item_text(payload, key, path)))
    if drafts:
        transaction.on_commit(lambda: stores.current().append(drafts), robust=True)
