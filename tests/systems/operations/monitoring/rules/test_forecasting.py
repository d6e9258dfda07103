"""What storage comes to."""

from __future__ import annotations

from taxops.systems.operations.monitoring.rules import Stored, total


def test_a_table_with_many_rows_is_measured_and_one_with_few_is_not() -> None:
    many = Stored("t", "表", 10_000, 500_000, 100, 7, 40)
    few = Stored("t", "表", 10, 8_192, 100, 7, 40)
    assert (many.bytes_a_row, many.bytes_a_day, many.at_the_end()) == (50.0, 5_000.0, 35_000.0)
    assert (few.bytes_a_row, few.at_the_end()) == (40.0, 28_000.0)


def test_what_is_kept_for_good_is_counted_up_to_a_horizon() -> None:
    forever = Stored("t", "表", 0, 0, 10, None, 100)
    assert forever.at_the_end(365) == 365_000.0
    assert total([forever, Stored("u", "表", 5, 7, 0, 7, 1)]) == (7, 1_000.0, 3_653_000.0)
