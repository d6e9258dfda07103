"""Weak passwords are named for what is wrong with them; old ones run out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.platform.identity.policy import common_passwords, policy_at
from taxops.platform.identity.rules import password_age, password_problems

NOW = datetime(2026, 6, 1, tzinfo=UTC)
POLICY = policy_at(NOW).password


def _problems(password: str, username: str = "wangwei", names: tuple[str, ...] = ()) -> str:
    found = password_problems(
        password, username=username, policy=POLICY, names=names, common=common_passwords()
    )
    return "".join(found)


@pytest.mark.parametrize(
    "password",
    [
        "Guilin-Shan-Shui-7",
        "xT9#mQ2$vL7!",
        "我的长口令 Abc-789 好",
        "correct Horse battery 9",
        "9iLongPass-wordless",
    ],
)
def test_good_passwords_have_no_problem(password: str) -> None:
    assert _problems(password) == ""


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab1!", "至少需要 12 个字符，现有 4 个"),
        ("", "至少需要 12 个字符，现有 0 个"),
        ("lowercaseonlyx", "至少要有 3 类"),
        ("lowerandnumber82917", "至少要有 3 类"),
        ("Wangwei-2026-xk", "不能包含用户名"),
        ("xk-IEWGNAW-29-pq", "不能包含用户名"),
        ("Ab!12345-tqzp", "连续或重复的字符「12345」"),
        ("Ab!54321-tqzp", "连续或重复的字符「54321」"),
        ("Qwert-9xkpLm!", "连续或重复的字符「Qwert」"),
        ("Aaaaa-9xkpLm!", "连续或重复的字符「Aaaaa」"),
        ("Password!!!!9", "常用口令"),
        ("P@ssw0rd!!!97", "常用口令"),
        ("Admin-2026-0917", "常用口令"),
        ("8291-Woaini-#38", "常用口令"),
        (" Guilin-Shan-7 ", "首尾不能是空格"),
        ("Guilin\tShan-77x", "控制字符"),
        ("Ab1!" * 40, "不能超过 128"),
    ],
)
def test_a_weak_password_is_told_why(password: str, said: str) -> None:
    assert said in _problems(password)


def test_phone_and_mail_name_must_not_be_part_of_it() -> None:
    assert "手机号" in _problems("Ab!13907719876", names=("13907719876",))
    assert _problems("Ab!Guilin-xq-27", names=("gui",)) == ""  # too short to matter


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_text_gets_an_answer(password: str, username: str) -> None:
    found = password_problems(password, username=username, policy=POLICY, common=common_passwords())
    assert len(password) >= POLICY.min_length or found


@pytest.mark.parametrize(
    ("_case", "age", "expired", "left"),
    [
        ("fresh", timedelta(days=1), False, None),
        ("a day before the warning", timedelta(days=82), False, None),
        ("warning begins", timedelta(days=83), False, 7),
        ("last day", timedelta(days=89, hours=1), False, 0),
        ("exactly at the limit", timedelta(days=90), True, None),
        ("long over", timedelta(days=400), True, None),
    ],
)
def test_a_password_warns_and_then_runs_out(
    _case: str, age: timedelta, expired: bool, left: int | None
) -> None:
    assert password_age(NOW - age, NOW, POLICY) == (expired, left)


def test_a_password_without_a_date_does_not_run_out() -> None:
    assert password_age(None, NOW, POLICY) == (False, None)
