"""Fixtures that the rooms of the first floor share."""

from tests.platform.province import media, province

__all__ = ["media", "province"]
