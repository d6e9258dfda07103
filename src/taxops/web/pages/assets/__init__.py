"""Pages of assets (资产): list, detail, relations, impact, import, QR labels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from taxops.engines.base import Scope
from taxops.platform.assets import queries
from taxops.web.kit import Hit, Provider, search_providers
from taxops.web.manifest import MenuItem, Permission

from .kinds import PAGES as TYPE_PAGES
from .labels import PAGES as LABEL_PAGES
from .pages import PAGES as ASSET_PAGES
from .relations import PAGES as RELATION_PAGES

PAGES = [*TYPE_PAGES, *LABEL_PAGES, *ASSET_PAGES, *RELATION_PAGES]
MENU = [
    MenuItem("资产", "assets", "assets.view", icon="server"),
    MenuItem("资产类型", "asset-types", "assets.view", icon="stack-2"),
]
PERMISSIONS = [
    Permission("assets.view", "查看资产", "资产"),
    Permission("assets.edit", "维护资产与关系", "资产"),
]


def _find(scope: Scope, text: str, _now: datetime) -> Sequence[Hit]:
    """Return the assets whose code or name holds the text."""
    return [
        Hit(asset.name, reverse("asset", kwargs={"pk": asset.pk}), f"{asset.code} · {asset.type.name}")
        for asset in queries.find(scope, text, limit=5)
    ]


search_providers.add("assets", Provider("资产", _find, permission="assets.view", icon="server"))
