"""The routers that the modules of this folder fill."""

from __future__ import annotations

from ninja import Router

monitoring = Router(tags=["运行监控"])
probers = Router(tags=["探测器"])
heartbeats = Router(tags=["心跳"], auth=None)  # whoever knows the address may report
