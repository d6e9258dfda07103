"""Pages of notices (通知): the inbox, one's settings, channels, the delivery log."""

from __future__ import annotations

from taxops.web.manifest import Permission

PERMISSIONS = [Permission("notify.manage", "管理通知渠道与投递记录", "通知")]
JOB_MODULES = ["taxops.platform.notify.jobs"]
