"""Topics are declared, found by their most specific prefix, and split from their path."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.platform.live import topics


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_topics", {})
    topics.declare("monitoring", "monitoring.view")
    topics.declare("monitoring.secret", "monitoring.edit")
    topics.declare("notify.person.", "", own=True)


def test_the_most_specific_declaration_decides() -> None:
    assert topics.find("monitoring.checks").permission == "monitoring.view"
    assert topics.find("monitoring.secret.x").permission == "monitoring.edit"


@pytest.mark.parametrize("topic", ["monitoringx", "mon", "", "other"])
def test_an_undeclared_topic_is_not_found_in_chinese(topic: str) -> None:
    with pytest.raises(NotFound, match="推送主题"):
        topics.find(topic)


def test_declaring_twice_is_harmless_unless_it_disagrees() -> None:
    topics.declare("monitoring", "monitoring.view")
    with pytest.raises(ValueError, match="twice"):
        topics.declare("monitoring", "other")


def test_a_topic_splits_into_name_and_path() -> None:
    assert topics.split("a.b@100/2/") == ("a.b", "100/2/")
    assert topics.split("a.b") == ("a.b", "")
    with pytest.raises(BadInput):
        topics.split("@100/")
    with pytest.raises(BadInput):
        topics.split("x" * 121)
