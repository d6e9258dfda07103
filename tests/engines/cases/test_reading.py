"""A wrong type file is refused with the place in it."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.engines.cases import read_type

from .sample import KIND, TEXT


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code = "incident"', "", "code"),
        ('initial = "new"', 'initial = "neu"', "initial"),
        ('phase = "waiting"', 'phase = "asleep"', "state[3].phase"),
        ('target = "30m"', 'target = "30 minutes"', "clock[1].rule[1].target"),
        ('calendar = "always"', 'calendar = "moon"', "clock[1].rule[1].calendar"),
        ('stop = ["resolve"]', 'stop = ["solve"]', "solve"),
        ('from = ["new"]', 'from = ["newer"]', "newer"),
        ('form = ["wait_reason!", "wait_evidence!", "wait_consent"]', 'form = ["wait_reason!"]', "transition[2].form"),
        ('prefix = "GZ"', 'prefix = "故障"', "prefix"),
        ('covers = ["script"]', 'covers = ["scripts"]', "scripts"),
        ('approved = ["agree"]', 'approved = ["resolve"]', "approved"),
        ('pause = ["wait_requester", "wait_vendor"]', 'pause = ["holiday"]', "holiday"),
        ('percent = 50', 'percent = 0', "ladder[1].percent"),
        ('queue = "line1"', 'kueue = "line1"', "kueue"),
        ('to = "closed"', 'to = "resolved"', "closed"),
        ('votes = 2', 'votes = "two"', "votes"),
        ('when = { level = ["L1"] }', 'when = { lefel = ["L1"] }', "lefel"),
        ('[[state]]', '[[state', "TOML"),
    ],
)  # fmt: skip
def test_every_mistake_is_named(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(BadInput) as error:
        read_type(TEXT.replace(old, new, 1), "incident.toml")
    assert "incident.toml" in str(error.value)
    assert said in str(error.value)


def test_the_digest_names_the_text() -> None:
    assert read_type(TEXT, "x").digest == KIND.digest
    assert read_type(TEXT + "\n", "x").digest != KIND.digest
