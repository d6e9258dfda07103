"""Every item of the contracts can be carried out by checks that the engine accepts."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.systems.operations.monitoring import services
from taxops.systems.operations.monitoring.items import Item, all_items, get_item


def test_all_twenty_items_and_the_three_of_jilin_are_there() -> None:
    codes = [item.code for item in all_items()]
    assert codes == [*(f"M{n:02}" for n in range(1, 21)), "MJ1", "MJ2", "MJ3"]
    assert all(item.clause.startswith(("GX:", "JL:")) for item in all_items())


@pytest.mark.parametrize("item", all_items(), ids=lambda item: item.code)
def test_the_examples_of_a_template_make_checks_that_can_be_carried_out(item: Item) -> None:
    answers = {ask.name: ask.example or "x" for ask in item.asks}
    made = services.planned(item.code, answers)
    assert len(made) == len(item.samples)
    assert {definition.item for definition in made} == {item.code}
    assert not any("{" in definition.name + definition.target for definition in made)


def test_a_check_whose_target_is_not_answered_is_left_out() -> None:
    item = get_item("M12")
    made = services.planned("M12", {"redis": "10.0.0.1:6379"})
    assert [definition.kind for definition in made] == ["redis"]
    assert len(item.samples) == 2


def test_a_question_that_must_be_answered_is_named() -> None:
    with pytest.raises(BadInput) as caught:
        services.planned("M05", {})
    assert caught.value.field == "url"


def test_variables_of_a_flow_are_not_taken_for_placeholders() -> None:
    made = services.planned("M07", {"base": "http://127.0.0.1:1/", "username": "probe", "password": "p"})
    steps = made[0].params["steps"]
    assert steps[0]["json"] == {"user": "probe", "password": "${password}"}
