"""What operations plugs in (运维服务)."""

from __future__ import annotations

from taxops.web.manifest import Manifest

MANIFEST = Manifest(code="operations", title="运维服务", icon="activity-heartbeat")
