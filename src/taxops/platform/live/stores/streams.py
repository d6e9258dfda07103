"""Live events through a Redis stream: for several web processes, or many events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from taxops.engines.base import Unavailable, later
from taxops.platform.live.rules import KEPT_ROWS, Event

from .base import Batch, Draft

if TYPE_CHECKING:
    import redis
else:
    redis = later("redis")

_STREAM = "taxops:live"
_SHIFT = 20  # a Redis id is "milliseconds-sequence"; ours is one number with 20 bits for the sequence


def _number(raw: bytes | str) -> int:
    millis, _, sequence = (raw.decode() if isinstance(raw, bytes) else raw).partition("-")
    return int(millis) << _SHIFT | int(sequence or 0)


def _name(cursor: int) -> str:
    return f"{cursor >> _SHIFT}-{cursor & (1 << _SHIFT) - 1}"


class RedisStore:
    """Keeps events in a capped Redis stream (Redis 流).

    Args:
        url: `redis://…`.
    """

    def __init__(self, url: str, *, stream: str = _STREAM, kept: int = KEPT_ROWS) -> None:
        self._stream = stream
        self._kept = kept
        self._redis: Any = redis.Redis.from_url(
            url, socket_connect_timeout=3, socket_timeout=5, health_check_interval=30
        )  # redis-py's answers are typed as a union with awaitables

    def _ask(self, command: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(self._redis, command)(*args, **kwargs)
        except redis.RedisError as error:
            raise Unavailable(
                "实时推送暂时不可用（Redis 没有应答）。", "页面仍可手动刷新；请检查 TAXOPS_REDIS_URL。"
            ) from error

    def append(self, drafts: Sequence[Draft]) -> None:
        """Add the events in one round trip; the stream forgets the oldest by itself."""
        try:
            pipe = self._redis.pipeline(transaction=False)
            for draft in drafts:
                fields = {"topic": draft.topic, "path": draft.path, "key": draft.key, "text": draft.text}
                pipe.xadd(self._stream, fields, maxlen=self._kept, approximate=True)
            pipe.execute()
        except redis.RedisError as error:
            raise Unavailable("实时推送暂时不可用（Redis 没有应答）。", "页面仍可手动刷新。") from error

    def position(self) -> int:
        """Return the newest id."""
        newest = self._ask("xrevrange", self._stream, count=1)
        return _number(newest[0][0]) if newest else 0

    def after(self, cursor: int, limit: int) -> Batch:
        """Return the next events, and from where on the stream still has all."""
        rows = self._ask("xrange", self._stream, min=f"({_name(cursor)}", count=limit)
        oldest = self._ask("xrange", self._stream, count=1)
        floor = _number(oldest[0][0]) - 1 if oldest and self._is_trimmed() else 0
        return Batch(tuple(self._event(raw, fields) for raw, fields in rows), floor)

    def _is_trimmed(self) -> bool:
        """Test whether the stream has forgotten anything; an old server does not say, so assume it has."""
        about = self._ask("xinfo_stream", self._stream)
        added = about.get("entries-added")
        return added is None or int(added) > int(about["length"])

    @staticmethod
    def _event(raw: bytes, fields: dict[bytes, bytes]) -> Event:
        def text(name: bytes) -> str:
            return fields.get(name, b"").decode()

        return Event(_number(raw), text(b"topic"), text(b"path"), text(b"key"), text(b"text"))

    def wait(self, cursor: int, timeout: float) -> None:
        """Block in Redis until something newer than `cursor` is there or the time is over."""
        self._ask("xread", {self._stream: _name(cursor)}, count=1, block=max(1, int(timeout * 1000)))

    def wake(self) -> None:
        """Do nothing: the stream itself wakes who waits."""

    def close(self) -> None:
        """Give back the connections nobody uses; other threads may be publishing on theirs."""
        self._redis.connection_pool.disconnect(inuse_connections=False)
