"""The demonstration of what runs out (演示到期): a few licences and one over, told as they would have been."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.engines.base import CHINA, Scope
from taxops.platform.assets.models import Asset, AssetType
from taxops.platform.identity.models import OrgUnit

from . import services

_LICENCES = (
    ("LIC-PKI", "服务器证书服务", "数字证书服务", 5), ("LIC-AV", "终端防病毒", "终端安全管理系统", 23),
    ("LIC-DB", "数据库审计", "数据库审计系统", 52), ("LIC-BAK", "备份软件", "备份与恢复软件", 140),
    ("LIC-SIGN", "签章组件", "电子签章组件", -4),
)  # fmt: skip


def seed(scope: Scope, now: datetime) -> None:  # noqa: ARG001 -- as every demonstration is asked
    """Store the licences and tell what is due, once."""
    org = OrgUnit.objects.filter(level="province", valid_to=None).order_by("code").first()
    kind = AssetType.objects.filter(code="licence", is_current=True).first()
    if org is None or kind is None or Asset.objects.filter(code__in=[row[0] for row in _LICENCES]).exists():
        return
    today = now.astimezone(CHINA).date()
    for code, name, product, days in _LICENCES:
        Asset.objects.create(
            code=code, name=name, type=kind, org=org, updated_at=now,
            attributes={"product": product, "seats": 100, "expires_on": f"{today + timedelta(days=days)}"},
        )  # fmt: skip
    services.remind(now=now)
