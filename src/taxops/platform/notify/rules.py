"""When, how often and in what bundles notices go out (通知规则). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from taxops.engines.base import CHINA, BadInput, Choices

MAX_ATTEMPTS = 7
LEASE = timedelta(minutes=2)
WINDOW = timedelta(minutes=1)
KEPT = timedelta(days=180)
_BACKOFF_S = (15, 60, 300, 900, 3600, 3 * 3600)


class Severity(Choices):
    """How much a notice matters (通知级别)."""

    INFO = "info", "提示"
    WARNING = "warning", "警告"
    CRITICAL = "critical", "严重"


class DeliveryState(Choices):
    """Where a delivery stands (投递状态)."""

    WAITING = "waiting", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已送达"
    FOLDED = "folded", "已合并发送"
    FAILED = "failed", "发送失败"
    CANCELLED = "cancelled", "已取消"


_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


def at_least(severity: str, minimum: str) -> bool:
    """Test whether a severity reaches a minimum.

    >>> at_least("critical", "warning"), at_least("info", "warning")
    (True, False)
    """
    return _RANK[Severity(severity)] >= _RANK[Severity(minimum)]


def parse_severity(code: str) -> Severity:
    """Return the severity with this code.

    Raises:
        BadInput: there is none.
    """
    try:
        return Severity(code)
    except ValueError:
        known = "、".join(member.value for member in Severity)
        raise BadInput(f"没有名为「{code}」的通知级别。", f"可用的有：{known}。") from None


def check_link(link: str) -> None:
    """Do nothing when a notice may carry this link: a path of this site, or an http(s) address.

    Raises:
        BadInput: it may not.
    """
    inside = link.startswith("/") and not link.startswith(("//", "/\\"))
    if link and not inside and not link.startswith(("http://", "https://")):
        raise BadInput("通知的链接不正确。", "请使用以 / 开头的站内地址，或 http(s) 地址。")


def is_quiet(at: datetime, start: time | None, end: time | None) -> bool:
    """Test whether an instant lies in a person's quiet hours (免打扰时段), China time, across midnight too."""
    if start is None or end is None or start == end:
        return False
    clock = at.astimezone(CHINA).time()
    return start <= clock < end if start < end else clock >= start or clock < end


def send_at(now: datetime, severity: str, start: time | None, end: time | None) -> datetime:
    """Return when a message may go to a person: at once, or when quiet hours end; critical ones at once."""
    if severity == Severity.CRITICAL or end is None or not is_quiet(now, start, end):
        return now
    local = now.astimezone(CHINA)
    wake = datetime.combine(local.date(), end, CHINA)
    if wake <= local:
        wake += timedelta(days=1)
    return wake.astimezone(now.tzinfo)


def chosen_channels(
    preference: Mapping[str, Sequence[str]] | None, severity: str, personal: Sequence[str]
) -> list[str]:
    """Return the personal channels that a person wants for a severity.

    Who has set nothing gets critical notices through all of them and nothing else. Critical notices
    always go through at least one channel: choosing none is overridden.
    """
    if preference is None or severity not in preference:
        wanted = list(personal) if severity == Severity.CRITICAL else []
    else:
        wanted = [code for code in preference[severity] if code in personal]
    if severity == Severity.CRITICAL and not wanted:
        wanted = list(personal)
    return wanted


def retry_at(now: datetime, attempts: int, asked_s: float | None = None) -> datetime | None:
    """Return when to try again after `attempts` failures; None: give up.

    Args:
        asked_s: how long the other side asks us to wait.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    wait = _BACKOFF_S[min(attempts, len(_BACKOFF_S)) - 1] if attempts else _BACKOFF_S[0]
    return now + timedelta(seconds=max(wait, min(asked_s or 0, 3600)))


@dataclass(frozen=True, slots=True)
class Pending:
    """A delivery that is due (待投递)."""

    id: int
    to: str


def plan(pending: Sequence[Pending], remaining: int) -> list[list[int]]:
    """Return the bundles to send now, each one message, at most `remaining` of them.

    When all fit, each goes alone; when not, those for one receiver are folded into one message (合并),
    in order of receivers; who does not fit waits.

    >>> plan([Pending(1, "群"), Pending(2, "群")], 2), plan([Pending(1, "群"), Pending(2, "群")], 1)
    ([[1], [2]], [[1, 2]])
    """
    if len(pending) <= remaining:
        return [[item.id] for item in pending]
    bundles: dict[str, list[int]] = {}
    for item in pending:
        bundles.setdefault(item.to, []).append(item.id)
    return list(bundles.values())[: max(0, remaining)]


def worst(severities: Iterable[str]) -> Severity:
    """Return the highest of some severities."""
    return max((Severity(code) for code in severities), key=_RANK.__getitem__)


def masked(secret: str) -> str:
    """Return a secret as pages show it: that it is set, and its last characters when it is long.

    >>> masked(""), masked("abc"), masked("0123456789abcdef")
    ('', '••••••', '••••••cdef')
    """
    if not secret:
        return ""
    return "••••••" + (secret[-4:] if len(secret) >= 12 else "")
