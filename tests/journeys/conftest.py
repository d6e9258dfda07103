"""Demonstrations for the journeys: one for each database, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from .stage import Stage


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep everything on a shared stage in one worker, one database after the other, and begin with it.

    A stage is dear to set up, and two beside each other would disturb each other's timing.
    """
    staged = [item for item in items if "stage" in getattr(item, "fixturenames", ())]
    for item in staged:
        item.add_marker(pytest.mark.xdist_group("stage"))
    staged.sort(key=lambda item: item.callspec.params["stage"], reverse=True)  # type: ignore[attr-defined]
    items[:] = [*staged, *(item for item in items if item not in set(staged))]


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a running demonstration."""
    made = Stage(tmp_path_factory.mktemp("stage") / "data", request.param)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    """Return a real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _leave_the_stage_whole(request: pytest.FixtureRequest) -> Iterator[None]:
    """Heal what a failed story left broken, so that the next one tells of its own faults only."""
    if "stage" not in request.fixturenames:
        yield
        return
    stage: Stage = request.getfixturevalue("stage")
    yield
    for service in stage.taxops("lab", "status")["services"]:
        if service["state"] == "broken":
            stage.heal(service["name"])
