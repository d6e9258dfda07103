"""Telling people, keeping channels, sending (通知的业务操作)."""

from .channels import enable, remove, save_channel, try_out
from .inbox import TOPIC, mark_all_read, mark_read, mark_some_read, prefer, tell
from .sending import cancel, prune, resend, send_due

__all__ = [
    "TOPIC",
    "cancel",
    "enable",
    "mark_all_read",
    "mark_read",
    "mark_some_read",
    "prefer",
    "prune",
    "remove",
    "resend",
    "save_channel",
    "send_due",
    "tell",
    "try_out",
]
