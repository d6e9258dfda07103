"""One real lab for all tests of this folder; every test leaves its services healed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from taxops.project.lab import control, plan

Running = tuple[Path, plan.Lab]


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return the data folder and the addresses of a lab that runs."""
    data = tmp_path_factory.mktemp("lab-data")
    lab = control.start(data)
    try:
        yield data, lab
    finally:
        control.stop(data)


@pytest.fixture
def data(running: Running) -> Iterator[Path]:
    """Return the data folder of a lab in which everything works, before and after."""
    yield running[0]
    for service in control.status(running[0]):
        if service["state"] == "broken":
            control.heal(running[0], service["name"])


@pytest.fixture
def lab(running: Running) -> plan.Lab:
    """Return the lab's addresses."""
    return running[1]
