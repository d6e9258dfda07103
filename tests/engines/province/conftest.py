"""A tiny province, generated once for all tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxops.engines.province import Generated, Plan, Size, Unit, generate

UNITS = (
    Unit(1, "甲省税务局", "province"),
    Unit(11, "甲一市税务局", "city", 1),
    Unit(12, "甲二市税务局", "city", 1),
    Unit(111, "一市东区税务局", "county", 11),
    Unit(112, "一市西县税务局", "county", 11),
    Unit(121, "二市南区税务局", "county", 12),
    Unit(1111, "一市东区第一税务分局", "branch", 111),
    Unit(1211, "二市南区第一税务分局", "branch", 121),
)


@dataclass(frozen=True)
class Tiny:
    """The plan, where it was written, and what the generator said."""

    plan: Plan
    out: Path
    done: Generated

    def read(self, name: str) -> pa.Table:
        """Return a whole table, all partitions, in the order of their names."""
        files = sorted((self.out / name).rglob("*.parquet"))
        return pa.concat_tables([pq.ParquetFile(f).read() for f in files])

    def column(self, name: str, column: str) -> list[object]:
        """Return one column as a list."""
        return list(self.read(name)[column].to_pylist())


def tiny_plan(**changes: object) -> Plan:
    """Return the plan of the tiny province, with changes."""
    facts: dict[str, object] = {
        "size": Size.S,
        "seed": 3,
        "start": "2024-11",
        "months": 5,
        "units": UNITS,
        "count": 900,
    }
    return Plan(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Generate the tiny province."""
    out = tmp_path_factory.mktemp("province") / "out"
    plan = tiny_plan()
    return Tiny(plan, out, generate(plan, out))
