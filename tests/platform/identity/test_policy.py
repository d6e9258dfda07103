"""Policies are dated data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taxops.platform.identity import policy


def test_the_shipped_policy_meets_the_national_standard_for_level_three(now: datetime) -> None:
    found = policy.policy_at(now)
    assert found.password.min_length >= 12
    assert found.password.max_age == timedelta(days=90)
    assert (found.login.max_failures, found.login.lock_for) == (5, timedelta(minutes=15))
    assert (found.session.idle, found.session.absolute) == (timedelta(minutes=30), timedelta(hours=12))
    assert found.session.max_concurrent == 2
    assert found.second_factor_kinds == ("system_admin", "security_admin", "audit_admin")
    assert found.token_max == timedelta(days=365)
    assert "GB/T 22239" in found.password.source


def test_the_entry_valid_on_the_day_in_china_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    first: dict[str, Any] = policy._policies()[0]
    later = {**first, "valid_from": datetime(2027, 1, 1, tzinfo=UTC).date(), "token": {"max_days": 30}}
    monkeypatch.setattr(policy, "_policies", lambda: [first, later])
    policy._policy_on.cache_clear()
    midnight_in_china = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert policy.policy_at(midnight_in_china).token_max == timedelta(days=30)
    assert policy.policy_at(midnight_in_china - timedelta(seconds=1)).token_max == timedelta(days=365)
    policy._policy_on.cache_clear()


def test_common_passwords_are_lower_case_words() -> None:
    words = policy.common_passwords()
    assert "password" in words
    assert all(word == word.lower() for word in words)


def test_built_in_roles_have_codes_and_chinese_names() -> None:
    roles = policy.seeded_roles()
    codes = [role["code"] for role in roles]
    assert len(set(codes)) == len(codes) == 14
    assert {"system_admin", "security_admin", "audit_admin", "prober", "viewer"} <= set(codes)
