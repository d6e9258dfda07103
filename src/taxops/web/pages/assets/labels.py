"""QR label sheets (二维码标签): to print, cut and stick onto devices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.safestring import mark_safe

from taxops.engines.base import Scope
from taxops.platform.assets import labels, queries
from taxops.web.kit import Page


class AssetLabels(Page):
    """A sheet of labels for the assets in `?ids=` (标签打印)."""

    name = "asset-labels"
    path = "assets/labels/"
    title = "二维码标签"
    permission = queries.VIEW
    parent = "assets"
    template = "assets/labels.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the labels of the assets asked for, within the scope."""
        asked = self.request.GET.get("ids", "").split(",")
        ids = [int(text) for text in asked if text.isascii() and text.isdigit() and len(text) < 19]
        assets = queries.list_assets(scope).filter(pk__in=ids[: labels.MAX_SHEET]).order_by("code")
        drawn = [
            (asset, mark_safe(labels.svg(labels.address(asset, settings.CONFIG.public_url))))  # noqa: S308 -- ours
            for asset in assets
        ]
        return {"labels": drawn, "limit": labels.MAX_SHEET}


PAGES = [AssetLabels]
