"""Nothing is lost when a worker is killed in the middle of sending."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.platform.notify import servers
from tests.platform.own_database import migrated_file

pytestmark = [pytest.mark.real, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[3]

PRELUDE = """
import json, sys
from datetime import UTC, datetime, timedelta
from taxops.project.boot import django_ready
django_ready()
from taxops.engines.base import Scope
from taxops.platform.notify import services
from taxops.platform.notify.models import Channel, Delivery
now = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
system = Scope.system("测试")
"""
SET_UP = """
Delivery.objects.all().delete(); Channel.objects.all().delete()
for code in ("a", "b", "c"):
    services.save_channel(system, now=now, code=code, name=code, kind="webhook", values={"url": sys.argv[1]})
for n in range(10):
    services.tell(system, now=now, people=[], title=f"第{n}条", severity="critical", key=f"k{n}")
"""
SEND = """
shift = timedelta(minutes=float(sys.argv[1]))
services.send_due(clock=lambda: now + shift, timeout=30)
"""
COUNT = """
print(json.dumps(sorted(Delivery.objects.values_list("state", flat=True))))
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "TAXOPS_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "taxops.project.settings"}


def start(env: dict[str, str], script: str, *args: str) -> subprocess.Popen[str]:
    code = textwrap.dedent(PRELUDE + script)
    return subprocess.Popen(
        [sys.executable, "-c", code, *args], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )


def run(env: dict[str, str], script: str, *args: str) -> str:
    process = start(env, script, *args)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return out


def test_a_worker_killed_while_sending_loses_nothing_and_doubles_recognisably(
    env: dict[str, str], tmp_path: Path
) -> None:
    migrated_file(tmp_path / "taxops.db")
    with servers.web() as web:
        run(env, SET_UP, web.url)
        for round_ in range(2):
            web.hold = threading.Event()
            before = len(web.requests)
            worker = start(env, SEND, str(round_ * 10))
            deadline = time.monotonic() + 60
            while len(web.requests) == before and time.monotonic() < deadline:
                time.sleep(0.02)
            worker.kill()
            worker.wait(20)
            web.hold.set()
        web.hold = None
        run(env, SEND, "60")
        assert run(env, COUNT).strip() == '["' + '", "'.join(["sent"] * 30) + '"]'
        ids = [headers["X-Taxops-Delivery"] for _, headers, _ in web.requests]
    assert len(set(ids)) == 30, "each message has one id, however often it was tried"
    assert len(ids) > 30, "the kills did happen in the middle"
