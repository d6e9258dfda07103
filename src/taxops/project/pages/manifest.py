"""What the composition root itself plugs in: the demonstration's lab page and the permission to use it."""

from __future__ import annotations

from taxops.project.pages.lab import PERMISSION, LabBreak, LabHeal, LabPage
from taxops.web.manifest import Manifest, MenuItem, Permission

MANIFEST = Manifest(
    code="demo",
    title="演示",
    icon="flask",
    pages=[LabPage, LabBreak, LabHeal],
    menu=[MenuItem("实验室", LabPage.name, PERMISSION)],
    permissions=[Permission(PERMISSION, "在演示的实验室里制造和恢复故障", "演示")],
)
