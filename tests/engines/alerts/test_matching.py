"""Labels are matched as written, and bad patterns are refused."""

from __future__ import annotations

import pytest

from taxops.engines.alerts import fingerprint, parse_matchers
from taxops.engines.base import BadInput

LABELS = {"system": "开票", "severity": "L1", "org": "100000/220000/220100/"}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("system=开票", True),
        ("system!=开票", False),
        ("severity=~L[12]", True),
        ("severity=~L", False),
        ("severity!~L[34]", True),
        ("org^=100000/220000/", True),
        ("org^=100000/450000/", False),
        ("zone=", True),
        ("zone!=外网", True),
    ],
)
def test_a_matcher_holds_or_not(text: str, answer: bool) -> None:
    assert parse_matchers([text])[0].holds(LABELS) is answer
    assert str(parse_matchers([text])[0]) == text


@pytest.mark.parametrize("text", ["", "system", "=x", "a=~(", "a=~(x+)+", "a=~" + "x" * 201])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="匹配条件"):
        parse_matchers([text])


def test_identity_is_in_the_labels_whatever_their_order() -> None:
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert fingerprint({"a": "1b", "c": ""}) != fingerprint({"a": "1", "bc": ""})
