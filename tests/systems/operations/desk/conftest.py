"""The desk's people stand on the fixture of casework."""

from tests.platform.casework.conftest import desk

__all__ = ["desk"]
