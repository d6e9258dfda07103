"""Topics (推送主题): which there are, and which permission it takes to listen to one.

A topic is a dotted name such as `monitoring.checks`; what is declared is a prefix of it. A topic that
ends in `@` plus an organisation path (`monitoring.checks@100000/145000/`) concerns that organisation:
a listener hears it when the listener's permission covers the path.
"""

from __future__ import annotations

from dataclasses import dataclass

from taxops.engines.base import BadInput, NotFound

EVERYONE = ""
"""The permission of topics open to everyone logged in."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A declared family of topics (主题): `own` ones end in the listener's person id."""

    prefix: str
    permission: str
    own: bool = False


_topics: dict[str, Topic] = {}


def declare(prefix: str, permission: str, *, own: bool = False) -> None:
    """Let people with `permission` listen to topics that begin with `prefix`; declaring twice is harmless.

    Args:
        own: the rest of the topic is a person's id, and only that person may listen (`notify.person.`).

    Raises:
        ValueError: the prefix is declared with another permission.
    """
    wanted = Topic(prefix, permission, own)
    if _topics.setdefault(prefix, wanted) != wanted:
        raise ValueError(f"live topic {prefix} is declared twice")


def find(topic: str) -> Topic:
    """Return the most specific declaration that covers `topic`.

    Raises:
        NotFound: nobody declared such a topic.
    """
    covering = [known for prefix, known in _topics.items() if _covers(prefix, topic)]
    if not covering:
        raise NotFound(f"没有名为「{topic}」的推送主题。", "请刷新页面；如仍出现，请联系管理员。")
    return max(covering, key=lambda known: len(known.prefix))


def _covers(prefix: str, topic: str) -> bool:
    """Test whether `topic` is `prefix` or goes on after it at a name boundary."""
    if not topic.startswith(prefix):
        return False
    rest = topic[len(prefix) :]
    return not rest or prefix[-1:] in {".", "/", ":"} or rest[0] in {".", "/", ":"}


def split(topic: str) -> tuple[str, str]:
    """Return a topic's name and organisation path (empty: of no organisation).

    >>> split("monitoring.checks@100000/145000/")
    ('monitoring.checks', '100000/145000/')

    Raises:
        BadInput: the topic is empty or too long to be one.
    """
    name, _, path = topic.partition("@")
    if not name or len(name) > 120 or len(path) > 200:
        raise BadInput("推送主题的名称不正确。", "请刷新页面后重试。")
    return name, path
