"""Joining by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.platform.casework import queries as casework
from taxops.platform.casework.models import Case
from taxops.systems.operations.desk import services

if TYPE_CHECKING:
    from tests.platform.casework.conftest import Desk


def test_linked_and_merged_by_number(desk: Desk) -> None:
    ann = desk.scope(desk.ann)
    one, two = desk.opened(), desk.opened(form={"title": "又一个"})
    services.join(ann, now=desk.now, case_id=one.pk, how="related", number=two.number.lower())
    assert [label for label, _ in casework.links(ann, one)] == ["相关"]
    services.join(ann, now=desk.now, case_id=one.pk, how="merge", number=two.number, reason="同一问题")
    assert Case.objects.get(pk=one.pk).merged_into_id == two.pk
    with pytest.raises(BadInput):
        services.join(ann, now=desk.now, case_id=two.pk, how="zz", number=one.number)
    with pytest.raises(NotFound):
        services.join(ann, now=desk.now, case_id=two.pk, how="related", number="QQ0")
    with pytest.raises(NotFound):
        services.join(
            desk.scope(desk.stranger), now=desk.now, case_id=two.pk, how="related", number=one.number
        )
