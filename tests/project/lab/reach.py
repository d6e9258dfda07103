"""How the lab's tests reach its services: what a machine lacks, an address, a wait, a state."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxops.project.lab import catalogue, control, plan


def need(lab: plan.Lab, code: str) -> None:
    """Skip, with the reason, where this machine lacks the server."""
    if not lab[code].installed:
        pytest.skip(f"本机没有 {catalogue.find(code).program}，这一项没有测试")


def get(url: str, timeout: float = 3.0) -> tuple[int, bytes]:
    """Return status and body of an address."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def eventually(test: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Test whether something comes to hold within some seconds; for real processes only."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if test():
            return True
        time.sleep(0.1)
    return False


def state(data: Path, name: str) -> dict[str, Any]:
    return next(service for service in control.status(data) if service["name"] == name)
