"""What a listener hears, when, and in which words on the wire (推送规则). Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput, NotPermitted, Scope, TaxopsError

from .topics import EVERYONE, find, split

HEARTBEAT_S = 15.0
RENEW_S = 600.0
INTERVAL_S = 1.0
KEPT_S = 600
KEPT_ROWS = 50_000
MAX_TOPICS = 20
MAX_STREAMS = 12
MAX_PAYLOAD = 16 * 1024


class TooManyStreams(TaxopsError):
    """One person holds more open streams than allowed (连接过多)."""

    code = "too_many_streams"
    status = 429


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was told (实时事件); `text` is the item as JSON, key and path included."""

    id: int
    topic: str
    path: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Listening:
    """One topic a stream listens to, and where (收听范围): `paths` are organisation path prefixes."""

    topic: str
    paths: tuple[str, ...]

    def hears(self, event: Event) -> bool:
        """Test whether the event is for this listener; events of no organisation are for all."""
        if event.topic != self.topic:
            return False
        return not event.path or any(event.path.startswith(path) for path in self.paths)


def item_text(payload: Mapping[str, Any], key: str, path: str) -> str:
    """Return an event as it goes over the wire.

    Raises:
        ValueError: the payload is not JSON or larger than a live event may be; tell less, load the rest.
    """
    text = json.dumps({**payload, "key": key, "path": path}, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_PAYLOAD:
        raise ValueError(f"a live event may have {MAX_PAYLOAD} bytes at most")
    return text


def listenings(scope: Scope, topics: Sequence[str]) -> tuple[Listening, ...]:
    """Return what a person may hear of the topics asked for.

    Raises:
        BadInput: no topic, or too many.
        NotFound: a topic does not exist.
        NotPermitted: the permission that a topic needs is missing, everywhere or at the path asked for.
    """
    if not topics or len(topics) > MAX_TOPICS:
        raise BadInput(f"一次可以收听 1 到 {MAX_TOPICS} 个推送主题。", "请刷新页面后重试。")
    return tuple(_listening(scope, topic) for topic in dict.fromkeys(topics))


def _listening(scope: Scope, topic: str) -> Listening:
    name, path = split(topic)
    declared = find(name)
    if declared.own:
        if scope.actor_id is None or name != f"{declared.prefix}{scope.actor_id}":
            raise NotPermitted("这是别人的推送，您不能收听。")
        return Listening(name, ("",))
    if declared.permission == EVERYONE:
        return Listening(name, (path,))
    if path:
        scope.require(declared.permission, path)
        return Listening(name, (path,))
    scope.require(declared.permission)
    return Listening(name, scope.paths(declared.permission))


def diff_frames(events: Iterable[Event], cursor: int) -> str:
    """Return the SSE text of a batch: one `diff` a topic, the id on the last so that none is half heard."""
    by_topic: dict[str, list[Event]] = {}
    for event in events:
        by_topic.setdefault(event.topic, []).append(event)
    frames = []
    for topic, found in by_topic.items():
        items = ",".join(event.text for event in found)
        newest = max(event.id for event in found)
        frames.append(f'event: diff\ndata: {{"topic":{json.dumps(topic)},"id":"{newest}","items":[{items}]}}')
    if not frames:
        return ""
    frames[-1] = f"id: {cursor}\n{frames[-1]}"
    return "\n\n".join(frames) + "\n\n"


def snapshot_frame(topics: Iterable[str], reason: str, cursor: int) -> str:
    """Return the SSE text that tells a page to load everything again."""
    data = json.dumps({"topics": list(topics), "reason": reason, "id": str(cursor)}, separators=(",", ":"))
    return f"id: {cursor}\nevent: snapshot\ndata: {data}\n\n"


def bye_frame(reason: str) -> str:
    """Return the SSE text that says why the stream ends."""
    return f'event: bye\ndata: {{"reason":"{reason}"}}\n\n'


def heartbeat_frame(cursor: int | None) -> str:
    """Return a comment that keeps the line open, and the id up to which nothing was for this listener."""
    return ": ping\n\n" if cursor is None else f": ping\nid: {cursor}\n\n"


def parse_cursor(text: str | None) -> int | None:
    """Return the id that a browser sends back, or None when it sends none that is one."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
