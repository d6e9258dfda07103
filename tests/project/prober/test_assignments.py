"""What the centre tells a prober: strictly read, secrets not written to disk."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.project.prober.assignments import read_assignments, read_spec, without_secrets

GOOD: dict[str, Any] = {
    "id": 3, "kind": "http", "target": "http://x/", "params": {"keyword": "a"}, "conditions": ["status == 200"],
    "warnings": [], "interval_s": 10, "retry_interval_s": 2, "timeout_s": 5, "confirm": 3, "recover": 2, "version": 9,
}  # fmt: skip


def test_a_definition_becomes_a_spec() -> None:
    spec = read_spec(GOOD)
    assert (spec.id, spec.conditions, spec.interval_s, spec.version) == (3, ("status == 200",), 10.0, 9)


@pytest.mark.parametrize(
    "change",
    [{"id": "3"}, {"id": True}, {"id": 0}, {"kind": None}, {"target": 5}, {"params": [1]}, {"conditions": "status"},
     {"conditions": [1]}, {"interval_s": 0}, {"interval_s": "10"}, {"timeout_s": -1}, {"confirm": True}],
)  # fmt: skip
def test_one_bad_definition_does_not_spoil_the_others(change: dict[str, Any]) -> None:
    version, specs, wrong = read_assignments(
        {"version": "v", "checks": [{**GOOD, **change}, {**GOOD, "id": 4}, 7]}
    )
    assert (version, [spec.id for spec in specs], len(wrong)) == ("v", [4], 2)


@pytest.mark.parametrize("answer", [None, [], {}, {"checks": {}}, "text"])
def test_an_answer_that_is_none_is_refused(answer: Any) -> None:
    with pytest.raises(BadInput, match="无法识别"):
        read_assignments(answer)


def test_checks_with_secrets_are_not_written_to_disk() -> None:
    secret = {**GOOD, "id": 4, "params": {"password": "Secret-77"}}
    kept = without_secrets({"version": "v", "checks": [GOOD, secret, {**GOOD, "kind": "unheard-of"}]})
    assert [item["id"] for item in kept["checks"]] == [3]
    assert "Secret-77" not in str(kept)
