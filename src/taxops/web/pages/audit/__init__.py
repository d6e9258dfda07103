"""The pages of the trail (审计日志): entries, seals, checking, carrying away."""

from __future__ import annotations

from taxops.web.manifest import MenuItem, Permission

from . import pages

PAGES = pages.PAGES

PERMISSIONS = [Permission("audit.view", "查阅和核验审计日志", "安全审计")]

MENU = [
    MenuItem("审计日志", "audit-entries", "audit.view", icon="history"),
    MenuItem("审计封签", "audit-seals", "audit.view", icon="lock"),
]
