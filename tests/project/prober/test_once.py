"""`run_once` with the real clock and drivers, as the check editor calls it."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from taxops.engines.checks import CheckSpec
from taxops.project.prober.once import run_once
from tests.engines.checks.rude import answering, page, serving


def test_many_threads_try_different_kinds_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    with serving(answering(page())) as server:
        specs = [
            CheckSpec(0, "http", server.url),
            CheckSpec(0, "tcp", server.address),
            CheckSpec(0, "sql", f"sqlite:///{path}", {"sql": "select count(*) from t"}),
        ] * 5
        with ThreadPoolExecutor(15) as pool:
            results = list(pool.map(run_once, specs))
    assert {result.verdict for result in results} == {"ok"}
    assert all(result.evidence for result in results)
    assert all(result.at_ms > 1_700_000_000_000 for result in results)
