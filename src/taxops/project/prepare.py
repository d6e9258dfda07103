"""The preparing step (准备): brings the database up to date and, for a demonstration, fills it.

`python -m taxops.project.prepare [--demo] [--prober] [--no-lab]`, run by the supervisor before any server starts. It
answers one JSON line on standard output; an anticipated error is one JSON line with `error`, exit code 2.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taxops.engines.base import NotFound, TaxopsError, Unavailable
from taxops.project.lab import plan

LAB_LIMIT_S = 30.0


def wait_for_lab(folder: Path) -> plan.Lab:
    """Return the lab once its keeper has chosen the addresses; they are known before it serves.

    Raises:
        Unavailable: it does not come.
    """
    from taxops.project.children import pid_alive

    limit = time.monotonic() + LAB_LIMIT_S
    while time.monotonic() < limit:
        try:
            lab = plan.load(folder)
        except NotFound:
            lab = None
        if lab is not None and lab.pid and pid_alive(lab.pid):
            return lab
        time.sleep(0.05)
    raise Unavailable("实验室没有启动。", "请查看数据目录下的 logs/lab.log。")


def _lab(folder: Path, runs: bool) -> plan.Lab:
    """Return the lab whose addresses the demonstration's checks watch."""
    if runs:
        return wait_for_lab(folder)
    try:
        return plan.load(folder)
    except NotFound:
        lab = plan.lay(folder)
        plan.save(lab)
        return lab


def migrate() -> int:
    """Apply the migrations that are missing; return how many there were."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    return missing


def prepare(*, demo: bool, prober: bool, lab_runs: bool = True) -> dict[str, Any]:
    """Prepare the installation and return what the supervisor must know.

    Args:
        demo: fill the demonstration.
        prober: make a token for the prober beside.
        lab_runs: a keeper runs or is being started; otherwise the addresses are chosen here, and nobody answers.

    Raises:
        TaxopsError: in so many words.
    """
    from taxops.project.boot import django_ready

    began = time.monotonic()
    django_ready()
    from django.conf import settings

    loaded = time.monotonic()
    answer: dict[str, Any] = {"migrations": migrate()}
    migrated = time.monotonic()
    from taxops.project.demo import seed, tokens

    now = datetime.now(UTC)
    if demo:
        lab = _lab(settings.CONFIG.data / "lab", lab_runs)
        answer["accounts"] = seed.seed(now=now, lab=lab, password=settings.CONFIG.demo_password)
    else:
        seed.roles(now=now)
    seed.templates(now=now)
    if prober:
        answer["prober_token"] = tokens.prober_token(settings.CONFIG.data, now=now)
    answer["seconds"] = {
        "load": round(loaded - began, 2),
        "migrate": round(migrated - loaded, 2),
        "seed": round(time.monotonic() - migrated, 2),
    }
    return answer


def main(argv: list[str]) -> int:
    """Prepare, answer on standard output, return the exit code."""
    words = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints belongs to the log, not into the answer
    try:
        answer, code = (
            prepare(demo="--demo" in argv, prober="--prober" in argv, lab_runs="--no-lab" not in argv),
            0,
        )
    except TaxopsError as error:
        answer, code = {"error": error.as_dict()}, 2
    os.write(words, json.dumps(answer, ensure_ascii=False).encode())
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
