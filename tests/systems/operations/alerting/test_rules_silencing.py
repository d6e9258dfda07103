"""Which conditions name given alerts and no others."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.alerts import parse_matchers
from taxops.systems.operations.alerting import rules


def check(code: str, system: str = "fpcy") -> Mapping[str, str]:
    """Return labels as a check of this platform has them."""
    return {"source": "monitoring", "level": "check", "system": system, "check": code, "severity": "major"}


def test_checks_of_one_system_share_a_silence_and_others_do_not() -> None:
    found = rules.silences_for([(1, check("a.b")), (1, check("c")), (1, check("d", "tysl")), (2, check("e"))])
    assert found == [
        (1, ["system=fpcy", "level=check", "check=~a\\.b|c"]),
        (1, ["system=tysl", "level=check", "check=d"]),
        (2, ["system=fpcy", "level=check", "check=e"]),
    ]


def test_a_pushed_alert_is_named_by_its_own_labels() -> None:
    labels = {
        "alertname": "DiskFull",
        "instance": "db-1",
        "severity": "minor",
        "org": "1/",
        "source": "events",
    }
    assert rules.silences_for([(1, labels)]) == [(1, ["alertname=DiskFull", "instance=db-1"])]


_codes = st.text("abc.|*", min_size=1, max_size=3)


@settings(max_examples=80, deadline=None)
@given(st.sets(_codes, min_size=1, max_size=90), _codes)
def test_they_hold_for_the_chosen_and_for_no_other(chosen: set[str], other: str) -> None:
    made = [
        parse_matchers(texts) for _, texts in rules.silences_for([(1, check(one)) for one in sorted(chosen)])
    ]

    def quiet(code: str) -> bool:
        return any(all(m.holds(check(code)) for m in matchers) for matchers in made)

    assert all(quiet(one) for one in chosen)
    assert quiet(other) == (other in chosen)
