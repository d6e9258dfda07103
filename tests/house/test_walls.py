"""The walls hold, and each of them is proved to catch the import it is there for."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# wall -> (file planted into a copy of the tree, its content, what the report must then say)
PLANTS: dict[str, tuple[tuple[str, str], ...]] = {
    "storeys": (("platform/live/planted_storey.py", "import taxops.web.manifest\n"),),
    "engines": (("engines/base/planted_engine.py", "import taxops.engines.checks\n"),),
    "first-floor": (("platform/audit/planted_floor.py", "import taxops.platform.assets.models\n"),),
    "web": (("web/kit/planted_web.py", "import taxops.web.pages\n"),),
    "engines-free-of-django": (("engines/base/planted_django.py", "import django\n"),),
    "engines-free-of-databases": (("engines/checks/planted_driver.py", "import sqlite3\n"),),
    "indicators-free-of-drivers": (("engines/indicators/planted_driver.py", "import duckdb\n"),),
    "engines-free-of-http": (("engines/ledger/planted_http.py", "import http.client\n"),),
    "systems": (("systems/halls/planted_system.py", "import taxops.systems.operations\n"),),
    "rules-of-systems": (
        ("systems/halls/planted_room/__init__.py", ""),
        ("systems/halls/planted_room/rules.py", "import django.db\n"),
    ),
    "rules-of-platform": (
        ("platform/planted_room/__init__.py", ""),
        ("platform/planted_room/rules.py", "import socket\n"),
    ),
    "manifests": (("web/pages/planted_reader.py", "import taxops.web.pages.manifest\n"),),
    "acyclic": (
        ("systems/quality5c/planted_a.py", "import taxops.systems.quality5c.planted_b\n"),
        ("systems/quality5c/planted_b.py", "import taxops.systems.quality5c.planted_a\n"),
    ),
}


def _contracts() -> dict[str, str]:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    return {
        name.removeprefix("importlinter:contract:"): config[name]["name"]
        for name in config.sections()
        if ":contract:" in name
    }


def _lint(root: Path) -> str:
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--verbose"]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "400"},
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what the linter says of a copy of the tree with one wrong import per wall."""
    root = tmp_path_factory.mktemp("house")
    skip = shutil.ignore_patterns("static", "__pycache__", "templates")
    shutil.copytree(ROOT / "src", root / "src", ignore=skip)
    shutil.copy(ROOT / ".importlinter", root)
    for files in PLANTS.values():
        for name, text in files:
            path = root / "src" / "taxops" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'"""Planted."""\n{text}')
    return _lint(root)


def test_the_walls_stand_in_the_tree_as_it_is() -> None:
    text = _lint(ROOT)
    assert re.search(rf"{len(_contracts())} kept, 0 broken", text), text[-3000:]


def test_every_wall_has_a_plant_and_none_has_a_door() -> None:
    assert set(PLANTS) == set(_contracts())
    assert "ignore_imports" not in re.sub(r"#.*", "", (ROOT / ".importlinter").read_text(encoding="utf-8"))


@pytest.mark.parametrize("wall", PLANTS)
def test_a_wrong_import_is_caught(wall: str, report: str) -> None:
    title = _contracts()[wall]
    assert f"{title} BROKEN" in report, report[-3000:]
    module = PLANTS[wall][-1][0].removesuffix(".py").replace("/", ".")
    details = report.split("Broken contracts", 1)[1].split(title, 1)[1].split("\n\n\n")[0]
    assert module in details or module.rsplit(".", 1)[-1] in details
