"""Wiring of the desk (接线): the queue of the bureau's platform desk beside those of the contract."""

from __future__ import annotations

from taxops.platform.casework.rules import QUEUES, Queue

PLATFORM = Queue("platform", "平台服务台", "cases.handle")


def wire() -> None:
    """Register the platform desk's queue once; called when Django is ready."""
    if PLATFORM.code not in QUEUES:
        QUEUES.add(PLATFORM.code, PLATFORM)
