"""What the live room can be asked."""

from __future__ import annotations

from collections.abc import Iterable

from taxops.platform.identity.models import PersonSession

from . import stores


def position() -> str:
    """Return where the stream stands now, for the `since` of a page that is being rendered.

    Raises:
        Unavailable: the store does not answer.
    """
    return str(stores.current().position())


def ended_sessions(keys: Iterable[str]) -> set[str]:
    """Return those of the login sessions that have ended or whose person was made inactive."""
    asked = set(keys)
    open_ones = PersonSession.objects.filter(key__in=asked, ended_at=None, person__is_active=True)
    return asked - set(open_ones.values_list("key", flat=True))
