"""The whole: same seed same bytes, another seed other bytes, refused plans write nothing."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from taxops.engines.base import BadInput
from taxops.engines.province import Unit, generate

from .conftest import UNITS, Tiny, tiny_plan

pytestmark = pytest.mark.same_everywhere


def _bytes(out: Path) -> dict[str, str]:
    return {
        str(f.relative_to(out)): sha256(f.read_bytes()).hexdigest()
        for f in sorted(out.rglob("*"))
        if f.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(tiny: Tiny, tmp_path: Path) -> None:
    generate(tiny_plan(), tmp_path / "again")
    assert _bytes(tmp_path / "again") == _bytes(tiny.out)


def test_another_seed_writes_another_province(tiny: Tiny, tmp_path: Path) -> None:
    generate(tiny_plan(seed=4, months=1), tmp_path / "other")
    assert _bytes(tmp_path / "other")["tp/all/part.parquet"] != _bytes(tiny.out)["tp/all/part.parquet"]


def test_it_tells_each_month(tmp_path: Path) -> None:
    told: list[str] = []
    generate(tiny_plan(months=2), tmp_path / "two", tell=told.append)
    assert [line[:7] for line in told] == ["2024-11", "2024-12"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"months": 0}, "月数"),
        ({"seed": -1}, "种子"),
        ({"count": 10}, "户数"),
        ({"units": (Unit(1, "省", "province"),)}, "县级"),
        ({"units": (UNITS[3], *UNITS[:3])}, "上级"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_anything_is_written(
    changes: dict[str, object], says: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=says):
        generate(tiny_plan(**changes), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("我的")
    with pytest.raises(BadInput, match="不是空的"):
        generate(tiny_plan(months=1), tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["kept.txt"]
