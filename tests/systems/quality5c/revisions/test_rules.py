"""What a load touches, what changed, and whose records they are."""

from __future__ import annotations

import pytest

from taxops.engines.indicators import library_of, parse_definitions
from taxops.engines.warehouse import LoadEntry, shipped_schema
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.revisions.rules import causes, changed, of_unit, touched

pytestmark = pytest.mark.same_everywhere
LIBRARY = library_of(
    parse_definitions("""
[[indicator]]
code = "A"
name = "A"
aspect = "C1"
kind = "simple"
source = "inv"
time = "issued_on"
num = { agg = "sum", of = "amount" }
unit = "fen"
direction = "up"
[[indicator]]
code = "B"
name = "B"
aspect = "C1"
kind = "derived"
of = { a = "A" }
expr = { num = "a" }
unit = "fen"
direction = "up"
[[indicator]]
code = "C"
name = "C"
aspect = "C1"
kind = "simple"
source = "payment"
time = "paid_on"
num = {}
unit = "count"
direction = "up"
""")
)


@pytest.mark.parametrize(
    ("dirty", "found"),
    [
        ({"inv": ("2025-05",)}, ["A", "B"]),
        ({"inv": ("2025-06", "2025-09")}, ["A", "B"]),
        ({"inv": ("2025-07",)}, []),
        ({"inv": ("2020-01",)}, ["A", "B"]),
        ({"payment": ("2025-05",)}, ["C"]),
        ({"svc": ("2025-05",)}, []),
        ({"org": ("all",)}, ["A", "B", "C"]),
    ],
)
def test_what_reads_a_dirty_table_up_to_its_period_is_touched(
    dirty: dict[str, tuple[str, ...]], found: list[str]
) -> None:
    loads = [LoadEntry(2, "late", dirty=dirty)]
    assert touched(LIBRARY, shipped_schema(), ["A", "B", "C", "gone"], "2025-05", loads) == found
    assert touched(LIBRARY, shipped_schema(), ["A", "B", "C"], "2025-05", []) == []


def test_only_other_numbers_are_changes() -> None:
    old, same = Figure(1, 2, 0.5), Figure(1, 2, 0.5, "small")
    assert changed({("A", 1): old, ("A", 2): old, ("A", 3): old}, {("A", 1): same, ("A", 4): old}) == []
    (one,) = changed({("A", 1): old}, {("A", 1): Figure(1, 3, 1 / 3)})
    assert (one.code, one.org, one.new.den) == ("A", 1, 3)


def test_a_cause_is_a_load_of_what_was_read() -> None:
    loads = [
        LoadEntry(2, "a", "甲", "", {}, {"inv": ("2025-04", "2025-05")}),
        LoadEntry(3, "b", dirty={"svc": ("2025-05",)}),
    ]
    (one,) = causes({"inv": {"2025-05": 2}}, loads)
    assert (one["batch"], one["by"], one["months"]) == ("a", "甲", ["2025-05"])
    (moved,) = causes({"inv": {"2025-05": 2}}, [LoadEntry(4, "units", dirty={"org": ("all",)})])
    assert moved["table"] == "org", "every figure is rolled up by the units"


def test_records_keep_to_the_unit_and_the_months() -> None:
    rows = [{"_month": "2025-05", "org_id": 1}, {"_month": "2025-05", "org_id": 2}, {"_month": "2025-04", "org_id": 1},
            {"_month": "2025-05", "tp_id": 7}]  # fmt: skip
    assert of_unit(rows, ["2025-05"], [1]) == [rows[0], rows[3]]
