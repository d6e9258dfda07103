"""Where live events pass from process to process (事件通道): the database, or Redis by setting."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from .base import Batch, Draft, Store
from .database import DatabaseStore
from .streams import RedisStore

__all__ = ["Batch", "DatabaseStore", "Draft", "RedisStore", "Store", "current"]


@cache
def current() -> Store:
    """Return this process's store: Redis when `TAXOPS_REDIS_URL` is set, else the database."""
    url: str = settings.CONFIG.redis_url
    return RedisStore(url) if url else DatabaseStore()
