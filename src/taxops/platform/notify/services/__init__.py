"""Telling people, keeping channels, sending (通知的业务操作)."""

from .channels import enable, remove, save_channel, try_out
from .inbox import TOPIC, Message, mark_all_read, mark_read, mark_some_read, prefer, tell, tell_many
from .sending import cancel, prune, resend, send_due

__all__ = [
    "TOPIC",
    "Message",
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
    "tell_many",
    "try_out",
]
