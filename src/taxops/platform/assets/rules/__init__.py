"""What an asset may be and how assets may hang together (资产规则). Pure."""

from .graph import Edge, Impact, affected, find_path
from .importing import ImportPlan, ImportRow, Known, KnownType, PlannedAsset, plan_import
from .schema import Field, check_fields, read_fields, shown, validate
from .terms import AssetState, RelationKind

__all__ = [
    "AssetState",
    "Edge",
    "Field",
    "Impact",
    "ImportPlan",
    "ImportRow",
    "Known",
    "KnownType",
    "PlannedAsset",
    "RelationKind",
    "affected",
    "check_fields",
    "find_path",
    "plan_import",
    "read_fields",
    "shown",
    "validate",
]
