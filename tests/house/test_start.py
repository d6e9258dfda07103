"""Starting is cheap: no process loads the large libraries before it uses them.

Every process of the platform (web, worker, prober, each command) imports every system. ibis, DuckDB, Arrow, numpy and
the others below cost 1.5 CPU-seconds and 150 MB when they come along, per process and per test session; most
processes never compute an indicator, export a list or sign a certificate. Use `taxops.engines.base.later`, or import
inside the function.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGE = {
    "chdb", "cryptography.x509", "docx", "docxtpl", "duckdb", "ibis", "numpy", "openpyxl", "pandas", "pyarrow",
    "pyspark", "python_calamine", "quickjs", "redis", "resvg_py", "rjieba", "sqlglot", "typst", "xlsxwriter",
}  # fmt: skip
ENGINES = ("indicators", "province", "scoring", "search", "warehouse")
COMMANDS = ("evaluate", "indicators", "province", "warehouse")
START = """
import json, sys
import django
django.setup()
import taxops.project.urls
for name in sys.argv[1:]:
    __import__(name)
print(json.dumps(sorted(set(sys.modules))))
"""


@pytest.mark.same_everywhere
def test_starting_loads_no_large_library() -> None:
    names = [f"taxops.engines.{n}" for n in ENGINES] + [f"taxops.project.commands.{n}" for n in COMMANDS]
    found = subprocess.run(
        [sys.executable, "-c", START, *names],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("TAXOPS_")},
            "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "taxops.project.settings",
        },
    )  # fmt: skip
    loaded = set(json.loads(found.stdout))
    assert {"taxops.systems.quality5c.manifest", *names} <= loaded  # it did start
    assert not LARGE & loaded
