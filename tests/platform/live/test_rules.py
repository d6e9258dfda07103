"""Who may hear what, and how it looks on the wire."""

from __future__ import annotations

import json

import pytest

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope
from taxops.platform.live import rules, topics


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_topics", {})
    topics.declare("monitoring", "monitoring.view")
    topics.declare("public", "")
    topics.declare("notify.person.", "", own=True)


NANNING = Scope(7, "韦工", {"monitoring.view": ("100/145/14501/",)})


def event(topic: str = "monitoring.checks", path: str = "", key: str = "a", number: int = 1) -> rules.Event:
    return rules.Event(number, topic, path, key, rules.item_text({"n": number}, key, path))


def test_a_listener_hears_its_own_subtree_only() -> None:
    (listening,) = rules.listenings(NANNING, ["monitoring.checks"])
    assert listening.hears(event(path="100/145/14501/145011/"))
    assert listening.hears(event(path=""))
    assert not listening.hears(event(path="100/145/14502/"))
    assert not listening.hears(event(path="100/145/"))
    assert not listening.hears(event("monitoring.other", "100/145/14501/"))


def test_a_path_asked_for_must_lie_within_the_permission() -> None:
    (listening,) = rules.listenings(NANNING, ["monitoring.checks@100/145/14501/145011/"])
    assert not listening.hears(event(path="100/145/14501/145012/"))
    with pytest.raises(NotPermitted):
        rules.listenings(NANNING, ["monitoring.checks@100/145/14502/"])
    with pytest.raises(NotPermitted):
        rules.listenings(Scope(8, "生人"), ["monitoring.checks"])


def test_a_personal_topic_is_for_that_person_alone() -> None:
    assert rules.listenings(NANNING, ["notify.person.7"])[0].topic == "notify.person.7"
    for other in ("notify.person.8", "notify.person.77", "notify.person.7.x"):
        with pytest.raises(NotPermitted):
            rules.listenings(NANNING, [other])


def test_no_topic_too_many_and_unknown_ones_are_refused() -> None:
    with pytest.raises(BadInput):
        rules.listenings(NANNING, [])
    with pytest.raises(BadInput):
        rules.listenings(NANNING, [f"public.{n}" for n in range(21)])
    with pytest.raises(NotFound):
        rules.listenings(NANNING, ["nowhere"])


def test_a_batch_names_each_topic_once_and_carries_the_id_only_at_its_end() -> None:
    text = rules.diff_frames([event(number=1), event("public.x", number=2), event(number=3, key="b")], 9)
    frames = text.strip().split("\n\n")
    assert len(frames) == 2
    assert frames[0].startswith("event: diff\ndata: ")
    assert frames[1].startswith("id: 9\nevent: diff\n")
    first = json.loads(frames[0].split("data: ", 1)[1])
    assert first["topic"] == "monitoring.checks"
    assert [item["key"] for item in first["items"]] == ["a", "b"]


def test_a_payload_never_breaks_the_frame() -> None:
    text = rules.item_text({"text": "一\n\nevent: bye\r\n\u2028"}, "k\n", "")
    assert "\n" not in text
    assert "\r" not in text
    with pytest.raises(ValueError, match="bytes"):
        rules.item_text({"text": "长" * 6000}, "", "")


@pytest.mark.parametrize(
    ("text", "cursor"),
    [
        ("12", 12),
        (" 7 ", 7),
        ("", None),
        (None, None),
        ("x", None),
        ("１２", None),
        ("-1", None),
        ("9" * 20, None),
    ],
)
def test_a_cursor_is_digits_or_nothing(text: str | None, cursor: int | None) -> None:
    assert rules.parse_cursor(text) == cursor
