"""Every shipped type holds together, names its clause, and can be opened and closed by somebody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taxops.engines.base import BadInput
from taxops.engines.cases import CaseType, Phase
from taxops.platform.casework import registry
from taxops.platform.casework.hooks import EFFECTS
from taxops.platform.casework.rules import QUEUES
from taxops.platform.identity import permissions
from taxops.systems.operations.cases import catalogue

TYPES = catalogue.register_all()


@pytest.mark.parametrize("kind", TYPES, ids=lambda k: k.code)
def test_a_shipped_type_is_whole(kind: CaseType) -> None:
    assert re.search(r"(GX|JL):\d+", kind.source)
    assert kind.queue in QUEUES
    known = {p.code for p in permissions.all()}
    roles = {role for step in kind.transitions.values() for role in step.roles} | set(kind.openers)
    assert roles <= known
    assert {rung_part for rung in kind.ladder for rung_part in rung.to.split("+")} <= known | {"assignee"}
    effects = {step.effect for step in kind.transitions.values()} - {"", "deadline", "correct"}
    assert all(name in EFFECTS for name in effects)
    assert any(state.phase is Phase.CLOSED for state in kind.states.values())
    assert len({k.prefix for k in TYPES}) == len(TYPES)


def test_a_fragment_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('use = ["nothing"]\ncode = "x"\n', encoding="utf-8")
    with pytest.raises(BadInput, match="nothing"):
        catalogue.joined(tmp_path / "x.toml")


def test_registering_twice_is_harmless() -> None:
    kind = registry.register(catalogue.joined(catalogue.FOLDER / "incident.toml"), "incident.toml")
    assert kind is registry.current("incident")
