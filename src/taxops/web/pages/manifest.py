"""What the first floor's pages plug in."""

from __future__ import annotations

from taxops.web.manifest import Manifest

MANIFEST = Manifest(code="platform", title="平台管理", icon="settings")
