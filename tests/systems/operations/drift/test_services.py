"""Approving a configuration: read by the check itself, decided by another person, compared from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Unavailable
from taxops.platform.identity.models import OrgUnit, Person
from taxops.project.prober.once import run_once
from taxops.systems.operations.drift import queries, services
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.services import trying
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def _real_runner() -> Iterator[None]:
    kept = list(trying._runner)
    monitoring.use_runner(run_once)
    trying._recent.clear()
    yield
    trying._runner[:] = kept


@pytest.fixture
def config(make_check: Any, tmp_path: Path) -> tuple[Any, Path]:
    """Return a check of a file, and the file."""
    file = tmp_path / "nginx.conf"
    file.write_text("# 注释\nworkers 4;\nlisten 80;\n")
    return make_check("nginx 配置", kind="config_drift", target=str(file)), file


@pytest.mark.usefixtures("_real_runner")
def test_from_reading_to_approval_by_another(
    engineer: Person, bureau: Person, config: tuple[Any, Path], now: datetime
) -> None:
    check, file = config
    asks = factories.scope_of(engineer, now)
    second = factories.person("second", engineer.org, "onsite_engineer")
    content = services.read_present(asks, check.pk, now=now)
    assert content.splitlines() == ["workers 4;", "listen 80;"]
    snapshot = services.propose(asks, check.pk, now=now, content=content, reason="首次核实")
    with pytest.raises(Conflict):
        services.propose(asks, check.pk, now=now, content="other", reason="再来一份")
    with pytest.raises(NotPermitted):
        services.decide(asks, snapshot.pk, now=now, approve=True)
    services.decide(factories.scope_of(second, now), snapshot.pk, now=now, approve=True)
    held = queries.get_config(asks, now, check.pk)
    assert queries.approved_text(held) == content
    definition = monitoring.definition_of(held)
    tried = monitoring.try_definition(
        asks, now=now, definition=definition, system_id=check.system_id, check_id=check.pk
    )
    assert tried.verdict == "ok"
    file.write_text("workers 8;\nlisten 80;\n")
    tried = monitoring.try_definition(
        asks, now=now, definition=definition, system_id=check.system_id, check_id=check.pk
    )
    assert tried.verdict == "critical"
    with pytest.raises(Conflict):
        services.decide(factories.scope_of(second, now), snapshot.pk, now=now, approve=True)


@pytest.mark.usefixtures("_real_runner")
def test_what_cannot_be_read_is_said(engineer: Person, config: tuple[Any, Path], now: datetime) -> None:
    check, file = config
    file.unlink()
    with pytest.raises(Unavailable, match="不存在"):
        services.read_present(factories.scope_of(engineer, now), check.pk, now=now)


def test_refusals_need_a_word_and_neighbours_find_nothing(
    engineer: Person, config: tuple[Any, Path], province: dict[str, OrgUnit], now: datetime
) -> None:
    check, _ = config
    asks = factories.scope_of(engineer, now)
    with pytest.raises(BadInput):
        services.propose(asks, check.pk, now=now, content="a", reason="无")
    snapshot = services.propose(asks, check.pk, now=now, content="a", reason="变更单 2026-11")
    second = factories.scope_of(factories.person("second", engineer.org, "onsite_engineer"), now)
    with pytest.raises(BadInput):
        services.decide(second, snapshot.pk, now=now, approve=False)
    services.decide(second, snapshot.pk, now=now, approve=False, note="与变更单不符")
    assert queries.approved_text(queries.get_config(asks, now, check.pk)) == ""
    other = factories.scope_of(
        factories.person("other", province["145020"], permissions=["monitoring.edit", "monitoring.view"]), now
    )
    with pytest.raises(NotFound):
        services.decide(other, snapshot.pk, now=now, approve=True)
    with pytest.raises(NotFound):
        services.propose(other, check.pk, now=now, content="a", reason="变更单 2026-11")
