"""The coded words of availability (可用性用语)."""

from __future__ import annotations

from taxops.engines.base import Choices


class ExclusionState(Choices):
    """Where an exclusion stands (剔除状态)."""

    REQUESTED = "requested", "待审批"
    APPROVED = "approved", "已批准"
    REJECTED = "rejected", "不同意"
    REVOKED = "revoked", "已撤销"


class ExclusionKind(Choices):
    """Why a stretch should not count (剔除事由)."""

    PLANNED = "planned", "计划内维护（事后补录）"
    UPSTREAM = "upstream", "总局或上级系统原因"
    CARRIER = "carrier", "运营商线路原因"
    POWER = "power", "电力或机房原因"
    BUREAU = "bureau", "局方要求停机"
    FORCE = "force", "不可抗力"
    MISJUDGED = "misjudged", "监控误判"


class Verdict(Choices):
    """How a rule of the contract stands (规则结论)."""

    HOLDS = "holds", "满足"
    POSSIBLE = "possible", "尚可达到"
    BROKEN = "broken", "不满足"
    """Cannot be mended within this service year."""
