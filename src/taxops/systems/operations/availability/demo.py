"""The demonstration's contract (演示合同): signed in spring, for every system of the province."""

from __future__ import annotations

from datetime import date, datetime

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit

from . import services
from .models import Agreement

SIGNED_ON = date(2026, 3, 1)


def seed(scope: Scope, now: datetime) -> None:
    """Store the contract's terms, once."""
    org = OrgUnit.objects.filter(level="province", valid_to=None).order_by("code").first()
    if org is None or Agreement.objects.exists():
        return
    services.keep_agreement(
        scope,
        now=now,
        values={
            "name": "增值税电子发票公共服务平台运维服务合同（演示）",
            "number": "GXSW-2026-0301",
            "org_id": org.pk,
            "systems": [],
            "signed_on": SIGNED_ON,
            "total_s": 12 * 3600,
            "each_s": 2 * 3600,
            "streak_months": 6,
            "exclude_planned": True,
            "coverage": 0.99,
            "source": "招标文件三（四）2、3",
        },
    )
