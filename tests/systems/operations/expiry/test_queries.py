"""Dates of assets within the scope, nearest first, retired ones left out, one query."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import Scope
from taxops.platform.assets import services as assets
from taxops.platform.assets.models import Asset, AssetType
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.expiry import queries
from tests import factories

pytestmark = pytest.mark.django_db


def test_what_runs_out_is_listed_by_its_day(root: Scope, province: dict[str, OrgUnit], now: datetime) -> None:
    assets.ensure_types()

    def asset(code: str, org: str, kind: str = "licence", **more: Any) -> None:
        state = more.pop("state", "in_use")
        Asset.objects.create(
            code=code, name=code, type=AssetType.objects.get(code=kind, is_current=True), org=province[org],
            updated_at=now, attributes=more, state=state,
        )  # fmt: skip

    asset("late", "145010", expires_on="2026-09-01")
    asset("soon", "145020", expires_on="2026-06-20")
    asset("over", "145010", kind="queue-machine", warranty_to="2026-05-01")
    asset("far", "145010", expires_on="2030-01-01")
    asset("gone", "145010", expires_on="2026-06-10", state="retired")
    asset("plain", "145010")
    with CaptureQueriesContext(connection) as seen:
        rows = queries.endings(root, now)
    assert [(row.asset.code, row.ending.state.value) for row in rows] == [
        ("over", "over"), ("soon", "soon"), ("late", "fine"),
    ]  # fmt: skip
    assert len(seen) == 1
    reader = factories.person("reader", province["145020"], permissions=["monitoring.view"])
    assert [row.asset.code for row in queries.endings(factories.scope_of(reader, now), now)] == ["soon"]
