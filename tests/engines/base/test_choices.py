"""Choices keep code and label together."""

from __future__ import annotations

from taxops.engines.base import Choices


class Light(Choices):
    """A traffic light (信号灯)."""

    GREEN = "green", "绿"
    RED = "red", "红"


def test_a_member_is_its_code_and_knows_its_label() -> None:
    assert Light("red") is Light.RED
    assert Light.RED == "red"
    assert f"{Light.RED}" == "red"
    assert Light.pairs() == [("green", "绿"), ("red", "红")]


def test_an_old_code_is_shown_as_it_is() -> None:
    assert Light.label_of("blue") == "blue"
    assert Light.label_of("green") == "绿"
