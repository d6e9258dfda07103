"""PDF pages as pixels, to be looked at and measured; written with what is installed anyway."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2


def text_of(data: bytes) -> list[str]:
    """Return the text of each page, without line ends (a line may break anywhere in Chinese)."""
    return ["".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(data)]


def sheets(data: bytes, *, scale: float = 1.0) -> Iterator[tuple[int, int, bytes]]:
    """Yield `(width, height, grey pixels)` of each page."""
    for page in pypdfium2.PdfDocument(data):
        bitmap = page.render(scale=scale, grayscale=True)
        stride, pixels = bitmap.stride, bytes(bitmap.buffer)
        rows = (pixels[y * stride : y * stride + bitmap.width] for y in range(bitmap.height))
        yield bitmap.width, bitmap.height, b"".join(rows)


def save_png(sheet: tuple[int, int, bytes], path: Path) -> None:
    """Write one page as a PNG."""
    width, height, pixels = sheet

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + pixels[y * width : (y + 1) * width] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )
