"""What alerting can be asked (告警查询); the scope is always an argument."""

from .alerts import get_alert, list_alerts, open_alerts
from .notices import history_of, notices_of, siblings_of

__all__ = ["get_alert", "history_of", "list_alerts", "notices_of", "open_alerts", "siblings_of"]
