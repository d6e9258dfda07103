"""The API of monitoring (运行监控接口)."""

from . import definitions, history, intake
from .routers import heartbeats, monitoring, probers

_LOADED = (definitions, history, intake)  # importing them fills the routers

ROUTERS = [("/monitoring", monitoring), ("/probers", probers), ("/heartbeats", heartbeats)]

__all__ = ["ROUTERS"]
