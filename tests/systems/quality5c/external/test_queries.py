"""Reads of batches."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.external import queries, services
from tests.systems.quality5c.conftest import PERIOD
from tests.systems.quality5c.external.test_services import market

pytestmark = pytest.mark.django_db


def test_batches_and_their_values(
    filled: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    batch = services.apply_rows(author, now=now, code="market", rows=market(counties[:2], 1))
    assert list(queries.list_batches()) == [batch]
    assert queries.find_batch(batch.pk) == batch
    assert queries.find_batch(0) is None
    assert [v.org for v in queries.values_of(batch)] == counties[:2]
    assert len(queries.values_of(batch, limit=1)) == 1
    assert queries.sat_values(PERIOD, counties[0]) == {}
