"""The coded words of deliverables (交付物用语)."""

from __future__ import annotations

from taxops.engines.base import Choices


class Kind(Choices):
    """Which paper it is (交付物种类)."""

    DAILY = "daily_monitoring", "系统运行监控报告"


class Signer(Choices):
    """In which role somebody signs (签字角色), in this order."""

    PREPARED = "prepared", "编制"
    REVIEWED = "reviewed", "审核"
    RECEIVED = "received", "局方签收"


class Standing(Choices):
    """Where a version stands (交付状态)."""

    DRAFT = "draft", "待编制签字"
    PREPARED = "prepared", "待审核"
    REVIEWED = "reviewed", "待签收"
    RECEIVED = "received", "已签收"
