"""The words of assets (资产术语): states and relations."""

from __future__ import annotations

from taxops.engines.base import Choices


class AssetState(Choices):
    """Where an asset is in its life (资产状态)."""

    PLANNED = "planned", "待投用"
    IN_USE = "in_use", "在用"
    REPAIR = "repair", "维修中"
    SPARE = "spare", "备用"
    RETIRED = "retired", "已退役"


class RelationKind(Choices):
    """How one asset relates to another (资产关系)."""

    PART_OF = "part_of", "组成部分属于"
    RUNS_ON = "runs_on", "运行于"
    DEPENDS_ON = "depends_on", "依赖"
    LOCATED_IN = "located_in", "位于"
