"""Pages of assets (资产): list, detail, relations, impact, import, QR labels."""

from __future__ import annotations

from taxops.web.manifest import Permission

PERMISSIONS = [
    Permission("assets.view", "查看资产", "资产"),
    Permission("assets.edit", "维护资产与关系", "资产"),
]
