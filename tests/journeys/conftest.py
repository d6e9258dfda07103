"""Demonstrations for the journeys: one for each database, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .stage import Stage


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a running demonstration."""
    made = Stage(tmp_path_factory.mktemp("stage") / "data", request.param)
    try:
        yield made
    finally:
        made.close()
