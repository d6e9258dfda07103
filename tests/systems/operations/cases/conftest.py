"""The desk of casework, for the room's tests."""

from __future__ import annotations

from tests.platform.casework.conftest import desk

__all__ = ["desk"]
