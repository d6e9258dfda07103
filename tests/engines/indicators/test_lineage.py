"""Lineage reaches every column that a number depends on, filters and expert SQL included."""

from __future__ import annotations

from taxops.engines.indicators import lineage, users_of_column

from .small import SCHEMA, library


def shown(code: str) -> dict[str, list[str]]:
    found = lineage(library(), SCHEMA, code)
    return {c: [f"{o.table}.{o.column}" for o in origins] for c, origins in found.items()}


def test_columns_of_measures_filters_references_and_exists() -> None:
    assert shown("ontime")["ontime"] == [
        "oblig.due", "oblig.filed_on", "oblig.obliged", "oblig.org_id", "oblig.tp_id",
        "tp_status_event.on", "tp_status_event.status", "tp_status_event.tp_id",
    ]  # fmt: skip
    assert shown("flagged")["flagged"] == [
        "hit.hit_on", "hit.tier", "hit.tp_id", "oblig.due", "oblig.org_id", "oblig.tp_id"
    ]  # fmt: skip
    assert "tp.vat_kind" in shown("general")["general"]
    assert "tp.valid_from" in shown("general")["general"]
    assert shown("expert")["expert"] == ["oblig.due", "oblig.filed_on", "oblig.obliged", "oblig.org_id"]
    assert "ext_value.value" in shown("survey")["survey"]


def test_lineage_goes_through_what_an_indicator_stands_on() -> None:
    assert set(shown("alarm")) == {"alarm", "ontime", "growth", "receipts"}
    assert shown("alarm")["alarm"] == []
    assert {"receipts", "growth", "alarm", "year_receipts"} <= set(
        users_of_column(library(), SCHEMA, "payment", "amount")
    )
    assert users_of_column(library(), SCHEMA, "tp", "phone") == []
