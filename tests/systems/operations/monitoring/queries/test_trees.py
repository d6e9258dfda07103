"""Trying a tree out: names instead of codes, patterns grown, nothing stored, nothing of a neighbour's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import BadInput, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.monitoring import queries
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]


def test_a_trial_speaks_in_names(root: Scope, system: MonitoredSystem, make_check: Any) -> None:
    assert queries.try_tree(root, system, "", []) is None
    for code in ("web-1", "web-2", "db"):
        make_check(f"名{code}", code=code)
    make_check("不计", code="minor", severity="minor")
    plain = queries.try_tree(root, system, None, ["check:db", "check:no", "nonsense"])
    assert plain is not None
    assert plain.bad == ["名db"]
    assert sorted(plain.alone) == ["名db", "名web-1", "名web-2"]
    found = queries.try_tree(
        root, system, {"all": [{"check": "db"}, {"k": 1, "of": "web-*"}]}, ["check:web-1"]
    )
    assert found is not None
    assert (found.alone, found.pairs) == (["名db"], ["名web-1 + 名web-2"])
    assert found.found.health == "warning"


def test_what_is_not_there_is_refused(
    root: Scope, system: MonitoredSystem, make_check: Any, province: dict[str, OrgUnit], now: datetime
) -> None:
    make_check("甲", code="mine")
    trees: tuple[object, ...] = ("{", {"check": "nothing"}, {"any": []})
    for tree in trees:
        with pytest.raises(BadInput):
            queries.try_tree(root, system, tree, [])
    other = factories.scope_of(
        factories.person("other", province["145020"], permissions=["monitoring.view"]), now
    )
    with pytest.raises(BadInput, match="mine"):
        queries.try_tree(other, system, {"check": "mine"}, [])
