"""The token of the prober that runs beside the site (探测器令牌): made once, kept in the data folder."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from taxops.engines.base import BadInput, Scope
from taxops.platform.identity import services as identity
from taxops.platform.identity.models import ApiToken, OrgUnit

NAME = "本机探测器"
PERMISSION = "probers.report"
VALID_FOR = timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)


def prober_token(data: Path, *, now: datetime) -> str:
    """Return the token of the local prober: the environment's, last time's, or a new one.

    Raises:
        BadInput: there is no organisation yet to which a token could belong.
    """
    given = os.environ.get("TAXOPS_PROBER_TOKEN")
    if given:
        return given
    path = data / "prober.token"
    kept = path.read_text().strip() if path.exists() else ""
    if kept and _holds(kept, now):
        return kept
    root = OrgUnit.objects.filter(parent=None, valid_to=None).order_by("pk").first()
    if root is None:
        raise BadInput(
            "还没有机构，探测器的令牌无处归属。", "请先建立或导入机构，或去掉 --with 中的 prober。"
        )
    _, text = identity.create_token(
        Scope.system("启动程序", via="cli"),
        now=now,
        name=NAME,
        permissions=[PERMISSION],
        org=root,
        expires_at=now + VALID_FOR,
    )
    path.touch(mode=0o600)
    path.write_text(text)
    return text


def _holds(text: str, now: datetime) -> bool:
    """Test whether a kept token still works and will for a while."""
    try:
        identity.authenticate(text, now=now)
    except identity.TokenRefused:
        return False
    prefix = text.split("_", 2)[1]
    return ApiToken.objects.filter(prefix=prefix, expires_at__gt=now + RENEW_BEFORE).exists()
