"""The fonts of the wheel are there, and are those that the formats name."""

from __future__ import annotations

from pathlib import Path

from taxops.engines.documents import fonts


def test_the_files_are_there() -> None:
    sans, serif = (Path(path) for path in fonts.files())
    assert sans.name.startswith(fonts.SANS.replace(" ", ""))
    assert serif.name.startswith(fonts.SERIF.replace(" ", ""))
    assert sans.stat().st_size > 5_000_000
