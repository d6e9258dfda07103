"""The real Alertmanager posts to our intake: firing, then resolved, with Chinese labels."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from taxops.project.embedded import free_port
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.intake.models import IntakeSource
from tests import factories

PROGRAM = "prometheus-alertmanager"
pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"没有安装 {PROGRAM}"),
]
LABELS = {"alertname": "主机不可达", "severity": "critical", "instance": "10.1.1.1:9100"}


def _push(port: int, **times: str) -> None:
    data = [{"labels": LABELS, "annotations": {"summary": "主机 10.1.1.1 不可达"}, **times}]
    urllib.request.urlopen(
        urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v2/alerts",
            json.dumps(data).encode(),
            {"Content-Type": "application/json"},
        ),
        timeout=5,
    ).read()


def _wait(test: Any, limit: float = 30.0) -> None:
    until = time.monotonic() + limit
    while True:
        try:
            if test():
                return
        except OSError:
            pass  # it is not up yet
        assert time.monotonic() < until, "Alertmanager did not post in time"
        time.sleep(0.1)


def test_alertmanager_fires_and_resolves(live_server: Any, tmp_path: Path) -> None:
    top = factories.org("145000")
    _, text = factories.token(["intake.push"], top, now=datetime.now(UTC) - timedelta(days=1))
    port = free_port()
    config = {
        "route": {"receiver": "taxops", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h"},
        "receivers": [
            {
                "name": "taxops",
                "webhook_configs": [
                    {
                        "url": f"{live_server.url}/api/v1/intake/alertmanager",
                        "send_resolved": True,
                        "http_config": {"authorization": {"credentials": text}},
                    }
                ],
            }
        ],
    }
    (tmp_path / "am.yml").write_text(json.dumps(config))  # JSON is YAML
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, f"--config.file={tmp_path / 'am.yml'}", f"--storage.path={tmp_path / 'data'}",
             f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1).status == 200)
        start = datetime.now(UTC)
        _push(port, startsAt=start.isoformat())
        _wait(lambda: Alert.objects.filter(state="open").exists())
        found = Alert.objects.get()
        assert (found.title, found.severity) == ("主机 10.1.1.1 不可达", "critical")
        assert found.labels["alertname"] == "主机不可达"
        assert abs((found.since_at - start).total_seconds()) < 0.001
        _push(port, startsAt=start.isoformat(), endsAt=datetime.now(UTC).isoformat())
        _wait(lambda: Alert.objects.filter(state="resolved").exists())
        assert Alert.objects.count() == 1
        assert IntakeSource.objects.get().n_raised == 1
    finally:
        process.terminate()
        process.wait(10)
