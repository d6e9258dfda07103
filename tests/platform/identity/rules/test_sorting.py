"""Names sort by their sounds, on every database alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.platform.identity.rules import name_key, person_key


def test_names_sort_by_sound_and_many_sounding_characters_rightly() -> None:
    names = ["重庆", "长春", "延边", "吉林", "西安", "先导区", "南宁", "百色", "白城"]
    assert sorted(names, key=name_key) == [
        "白城",
        "百色",
        "长春",
        "重庆",
        "吉林",
        "南宁",
        "西安",
        "先导区",
        "延边",
    ]


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("国家税务总局长春市税务局", "chang2chun1shi4"),  # not the head (局长) of a spring
        ("国家税务总局吉林省税务局", "ji2lin2sheng3"),
        ("国家税务总局", "guo2jia1"),
        ("吉林省长春市", "ji2lin2sheng3chang2chun1"),
        ("南关区长通路税务所", "nan2guan1qu1chang2tong1lu4"),
        ("长岭县", "chang2ling3"),
        ("长治市", "chang2zhi4"),
        ("长子县", "zhang3zi"),
        ("珲春市", "hun2chun1"),
        ("都安县", "du1an1"),
    ],
)
def test_places_are_said_as_their_people_say_them(name: str, begins: str) -> None:
    assert name_key(name).startswith(begins)


def test_numbers_in_names_sort_as_numbers() -> None:
    assert sorted(["第10税务所", "第2税务所", "第1税务所"], key=name_key) == [
        "第1税务所",
        "第2税务所",
        "第10税务所",
    ]


def test_surnames_are_said_as_surnames() -> None:
    people = ["曾强", "翟云", "覃芳", "任远", "单丹", "查理", "区明"]
    assert sorted(people, key=person_key) == ["区明", "覃芳", "任远", "单丹", "曾强", "查理", "翟云"]


def test_a_key_is_searched_by_spelling_and_by_initials() -> None:
    key = name_key("长春市税务局")
    assert "changchun" in key
    assert "ccs" in key


@given(st.text(max_size=120))
def test_a_key_is_plain_and_fits_its_column(text: str) -> None:
    key = name_key(text)
    assert len(key) <= 400
    assert len(person_key(text)) <= 160
    assert "\0" not in key
