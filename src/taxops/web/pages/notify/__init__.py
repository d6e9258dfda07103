"""Pages of notices (通知): the inbox, one's settings, channels, the delivery log."""

from __future__ import annotations

from datetime import datetime

from taxops.engines.base import Scope
from taxops.platform.notify import queries
from taxops.web.kit import slots
from taxops.web.manifest import MenuItem, Permission

from .channels import PAGES as CHANNEL_PAGES
from .deliveries import PAGES as DELIVERY_PAGES
from .inbox import PAGES as INBOX_PAGES

PAGES = [*INBOX_PAGES, *CHANNEL_PAGES, *DELIVERY_PAGES]
MENU = [
    MenuItem("通知渠道", "notify-channels", "notify.manage", icon="speakerphone"),
    MenuItem("投递记录", "notify-deliveries", "notify.manage", icon="history"),
]
PERMISSIONS = [
    Permission("notify.view", "查看自己的通知", "通知"),
    Permission("notify.manage", "管理通知渠道与投递记录", "通知"),
]
JOB_MODULES = ["taxops.platform.notify.jobs"]


def _unread(scope: Scope, _now: datetime) -> slots.Badge | None:
    """Return how many notices wait for the reader, for the bell."""
    if scope.actor_id is None:
        return None
    return slots.Badge(queries.unread_count(scope), "notices")


slots.unread.fill(_unread)
slots.me.append(MenuItem("我的通知", "notices", icon="inbox"))
slots.me.append(MenuItem("通知接收设置", "notice-settings", icon="bell"))
