"""Which columns carry a subject."""

from __future__ import annotations

from taxops.engines.indicators import Subject
from taxops.engines.indicators.subjects import columns_of
from taxops.engines.warehouse import shipped_schema


def test_the_columns_of_subjects() -> None:
    schema = shipped_schema()
    assert columns_of(Subject.ORG, schema.table("inv")) == ("org_id",)
    assert columns_of(Subject.TAXPAYER, schema.table("oblig")) == ("tp_id",)
    assert columns_of(Subject.TAXPAYER, schema.table("inv")) == ("seller_id",)
    assert columns_of(Subject.PAIR, schema.table("inv")) == ("seller_id", "buyer_id")
    assert columns_of(Subject.PERSON, schema.table("inv")) == ()
