"""Validity overlaps, the three administrators and what each may have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.platform.identity.policy import seeded_roles
from taxops.platform.identity.rules import Held, clash_of_administrators, overlaps, reserved_problems
from taxops.platform.identity.terms import RoleKind

T0 = datetime(2026, 6, 1, tzinfo=UTC)
_spans = st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30))


def _day(n: int | None) -> datetime | None:
    return None if n is None else T0 + timedelta(days=n)


@given(_spans, _spans)
def test_overlap_is_having_a_day_in_common(a: tuple[int, int | None], b: tuple[int, int | None]) -> None:
    def days(span: tuple[int, int | None]) -> set[int]:
        return set(range(span[0], 31 if span[1] is None else span[1]))

    found = overlaps(T0 + timedelta(days=a[0]), _day(a[1]), T0 + timedelta(days=b[0]), _day(b[1]))
    assert found == bool(days(a) & days(b))
    assert found == overlaps(T0 + timedelta(days=b[0]), _day(b[1]), T0 + timedelta(days=a[0]), _day(a[1]))


@pytest.mark.parametrize("wanted", list(RoleKind))
@pytest.mark.parametrize("held", list(RoleKind))
def test_only_different_administrators_exclude_one_another(wanted: RoleKind, held: RoleKind) -> None:
    clash = clash_of_administrators(Held(wanted, T0), [Held(held, T0)])
    assert (clash is not None) == (wanted != held and RoleKind.NORMAL not in {wanted, held})


def test_a_role_that_ended_before_does_not_exclude() -> None:
    past = Held(RoleKind.AUDIT_ADMIN, T0 - timedelta(days=9), T0)
    assert clash_of_administrators(Held(RoleKind.SYSTEM_ADMIN, T0), [past]) is None


def test_reserved_permissions_belong_to_their_administrator() -> None:
    assert reserved_problems(RoleKind.NORMAL, ["audit.view", "monitoring.view"]) == [
        ("audit.view", RoleKind.AUDIT_ADMIN)
    ]
    assert reserved_problems(RoleKind.AUDIT_ADMIN, ["audit.view"]) == []
    assert reserved_problems(RoleKind.SYSTEM_ADMIN, ["identity.grant"]) == [
        ("identity.grant", RoleKind.SECURITY_ADMIN)
    ]


def test_no_built_in_role_breaks_the_separation() -> None:
    for role in seeded_roles():
        assert reserved_problems(role.get("kind", RoleKind.NORMAL), role["permissions"]) == [], role["code"]
