"""The demonstration of configuration drift: a change nobody asked for, one as approved, one that waits; told once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.drift import demo, queries, rules, services
from tests import factories
from tests.systems.operations.monitoring.conftest import make_system

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]
SCOPE = Scope.system("演示数据", via="cli")


def test_one_differs_one_agrees_one_waits(top: OrgUnit, now: datetime, tmp_path: Path) -> None:
    for name, role in (("manager", "ops_manager"), ("engineer", "onsite_engineer")):
        factories.person(name, top, role)
    for code in ("tysl", "dzdz"):
        make_system(SCOPE, top, now - timedelta(days=30), code)
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx" / "nginx.conf").write_text(
        "server {\n\n    listen 127.0.0.1:80;\n    root /srv;\n}\n"
    )
    database = SimpleNamespace(installed=True, target="postgresql://watch@127.0.0.1:9/business")
    lab = SimpleNamespace(folder=tmp_path, services={"postgres": database})
    for _ in range(2):
        demo.seed(SCOPE, now, lab)
    found = {check.code: check for check in queries.list_configs(SCOPE, now)}
    assert {code: check.waits for code, check in found.items()} == {
        "tysl-config": False, "tysl-nginx-config": False, "dzdz-db-config": True,
    }  # fmt: skip
    changed = (tmp_path / "config" / "acceptance.conf").read_text()
    diff = rules.compare(queries.approved_text(found["tysl-config"]), changed)
    assert (diff.added, diff.removed) == (4, 4)
    assert queries.approved_text(found["tysl-nginx-config"]).splitlines() == [
        "server {",
        "    root /srv;",
        "}",
    ]
    waiting, approved = queries.snapshots(found["dzdz-db-config"])
    assert (str(waiting.taken_by), str(approved.decided_by)) == ("测试engineer", "测试manager")
    services.decide(SCOPE, waiting.pk, now=now, approve=True)
    assert "setting=4096" in queries.approved_text(queries.get_config(SCOPE, now, waiting.check_row_id))
