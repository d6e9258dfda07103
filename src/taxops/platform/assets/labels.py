"""QR labels (二维码标签) that lead from a device to its page."""

from __future__ import annotations

import io
from urllib.parse import quote

import segno

from .models import Asset

MAX_SHEET = 200
"""How many labels one sheet prints."""


def address(asset: Asset, public_url: str) -> str:
    """Return the address that an asset's code leads to."""
    return f"{public_url}/a/{quote(asset.code)}/"


def svg(text: str, *, scale: int = 4) -> str:
    """Return a QR code as inline SVG without styles or scripts, so that a strict CSP lets it be."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        scale=scale,
        border=2,
        xmldecl=False,
        svgns=True,
        nl=False,
        svgclass="qr",
        lineclass="qr-line",
    )
    return out.getvalue().decode()
