"""The province: as many halls as the bureau has, every code once, every parent known."""

from __future__ import annotations

from collections import Counter

from taxops.project.demo import province


def test_the_province_has_nine_cities_sixty_counties_and_318_halls() -> None:
    levels = Counter(row["层级"] for row in province.rows())
    assert levels == {
        "province": 1,
        "city": 9,
        "county": 60,
        "branch": province.BRANCHES,
        "hall": province.HALLS,
    }


def test_codes_and_names_are_unique_and_parents_come_first() -> None:
    seen: set[str] = set()
    names: set[str] = set()
    for row in province.rows():
        assert row["机构代码"] not in seen
        assert row["机构名称"] not in names
        assert row["上级代码"] in seen or row["层级"] == "province"
        seen.add(row["机构代码"])
        names.add(row["机构名称"])


def test_an_authoritys_code_carries_its_division() -> None:
    assert province.authority("220102") == "12201020000"
    assert province.hall_of("12201020000") == "12201020000T01"
