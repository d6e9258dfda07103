"""The ways out of the platform (通知渠道): mail, webhook, robots of 企业微信 and 钉钉."""

from __future__ import annotations

from taxops.engines.base import NotFound

from .base import Answer, Field, Kind, Message, Receiver
from .mail import MAIL
from .robots import DINGTALK, WECOM
from .webhook import WEBHOOK

__all__ = ["KINDS", "Answer", "Field", "Kind", "Message", "Receiver", "kind_of"]

KINDS: tuple[Kind, ...] = (MAIL, WEBHOOK, WECOM, DINGTALK)


def kind_of(code: str) -> Kind:
    """Return the kind of channel with this code.

    Raises:
        NotFound: there is none.
    """
    for kind in KINDS:
        if kind.code == code:
            return kind
    known = "、".join(kind.label for kind in KINDS)
    raise NotFound(f"没有名为「{code}」的渠道类型。", f"可用的有：{known}。")
