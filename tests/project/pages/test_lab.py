"""The lab page: which check watches which service, who may break it, and what is said when there is no lab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from taxops.platform.audit import queries as audit
from taxops.project.lab import control, plan
from taxops.project.pages import lab as page
from tests import factories

ADDRESS = plan.Address(
    "nginx", "外网 nginx", True, "127.0.0.1", 8080, "http://127.0.0.1:8080/nginx_status", {}
)
LOGS = plan.Address("logs", "日志", True, "127.0.0.1", 0, "/lab/logs/a.log", {"outer": "/lab/logs/a.log"})
BEAT = plan.Address("heartbeat", "任务", True, "127.0.0.1", 0, "lab-upload", {"every_s": 3})


@pytest.mark.parametrize(
    ("address", "text", "watched"),
    [
        (ADDRESS, "http://127.0.0.1:8080/nginx_status {}", True),
        (ADDRESS, '127.0.0.1 {"server": "127.0.0.1:8080"}', True),
        (ADDRESS, "http://127.0.0.1:18080/", False),
        (ADDRESS, "http://127.0.0.1:80801/", False),
        (LOGS, "/lab/logs/a.log {}", True),
        (LOGS, "/lab/logs/b.log {}", False),
        (BEAT, "lab-upload {}", True),
        (BEAT, "http://127.0.0.1:8080/", False),
    ],
)
def test_a_check_watches_what_its_target_points_at(address: plan.Address, text: str, watched: bool) -> None:
    assert page.is_watched_by(address, text) is watched


def _service(state: str = "running", **more: Any) -> dict[str, Any]:
    return {
        "name": "nginx",
        "title": "外网 nginx",
        "what": "反向代理",
        "state": state,
        "state_label": "运行中" if state == "running" else "停止（进程结束）",
        "since_ms": 1_780_000_000_000,
        "target": ADDRESS.target,
        "pid": 7,
        "modes": {"stop": "停止（进程结束）", "hang": "挂起"},
        **more,
    }


class Keeper:
    """Stands in for the keeper process: remembers what it was asked."""

    def __init__(self) -> None:
        self.state = "running"
        self.asked: list[tuple[str, ...]] = []

    def status(self, data: Path) -> list[dict[str, Any]]:
        return [_service(self.state)]

    def break_(self, data: Path, name: str, mode: str | None = None) -> Mapping[str, Any]:
        self.asked.append(("break", name, mode or ""))
        changed, self.state = self.state == "running", "broken"
        return {"changed": changed, "message": "已停止。", "service": _service("broken")}

    def heal(self, data: Path, name: str) -> Mapping[str, Any]:
        self.asked.append(("heal", name))
        changed, self.state = self.state == "broken", "running"
        return {"changed": changed, "message": "已恢复。", "service": _service()}


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Keeper:
    fake = Keeper()
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, demo=True, data=tmp_path))
    plan.save(plan.Lab(tmp_path / "lab", 1, "t", {"nginx": ADDRESS}))
    for name in ("status", "break_", "heal"):
        monkeypatch.setattr(control, name, getattr(fake, name))
    return fake


@pytest.fixture
def reader(client: Client) -> Client:
    root = factories.org("12200000000")
    now = datetime.now(UTC)
    someone = factories.person(
        "engineer", root, permissions=["lab.operate", "monitoring.view"], password_set_at=now
    )
    factories.sign_in(client, someone, now)
    return client


@pytest.mark.django_db
def test_the_page_shows_each_service_with_its_buttons(keeper: Keeper, reader: Client) -> None:
    text = reader.get("/demo/lab/").content.decode()
    assert 'data-service="nginx" data-state="running"' in text
    assert "/demo/lab/nginx/break/hang/" in text
    keeper.state = "broken"
    text = reader.get("/demo/lab/", headers={"HX-Request": "true", "HX-Target": "lab"}).content.decode()
    assert "<html" not in text
    assert "/demo/lab/nginx/heal/" in text


@pytest.mark.django_db
def test_breaking_and_healing_leave_a_trail_once(keeper: Keeper, reader: Client) -> None:
    for _ in range(2):
        assert reader.post("/demo/lab/nginx/break/stop/").status_code in {200, 204, 302}
    assert reader.post("/demo/lab/nginx/heal/").status_code in {200, 204, 302}
    assert keeper.asked == [("break", "nginx", "stop"), ("break", "nginx", "stop"), ("heal", "nginx")]
    assert sorted(entry.action for entry in audit.history("lab", "nginx")) == ["lab.break", "lab.heal"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/demo/lab/mainframe/break/stop/", "/demo/lab/nginx/break/melt/", "/demo/lab/x/heal/"]
)
def test_unknown_services_and_modes_are_refused(keeper: Keeper, reader: Client, path: str) -> None:
    assert reader.post(path).status_code in {400, 404}
    assert keeper.asked == []


@pytest.mark.django_db
def test_without_a_lab_the_page_says_how_to_start_one(
    reader: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, demo=True, data=tmp_path))
    answer = reader.get("/demo/lab/")
    assert answer.status_code == 200
    assert "taxops lab start" in answer.content.decode()


@pytest.mark.django_db
def test_outside_a_demonstration_there_is_no_such_page(reader: Client) -> None:
    assert reader.get("/demo/lab/").status_code == 404
    assert reader.post("/demo/lab/nginx/break/stop/").status_code == 404
