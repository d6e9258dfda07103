"""What the browser is given: nothing from outside, nothing inline, colours that can be read, icons that exist."""

from __future__ import annotations

import importlib.util
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from taxops.web.kit import menu

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src/taxops/web"
OWN = sorted((WEB / "static/taxops").glob("*"))
TEMPLATES = sorted((ROOT / "src/taxops").rglob("*.html"))
VENDOR = WEB / "static/vendor"
_NAMESPACE = re.compile(r"https?://www\.w3\.org/[^\s'\"<>)]*")
_LOADS = re.compile(
    r"""url\(\s*['"]?\s*(?:https?:)?//|@import\s|(?:src|href|action)\s*=\s*['"](?:https?:)?//"""
    r"""|import\s*\(?['"]https?:|fetch\(\s*['"`]https?:"""
)


def names(paths: list[Path]) -> list[str]:
    return [p.name for p in paths]


@pytest.mark.parametrize("path", [*OWN, *TEMPLATES], ids=lambda p: p.name)
def test_nothing_is_loaded_from_outside(path: Path) -> None:
    text = _NAMESPACE.sub("", path.read_text(encoding="utf-8"))
    assert not _LOADS.search(text)
    assert "http://" not in text
    assert "https://" not in text


def test_vendored_styles_load_nothing_from_outside() -> None:
    if not VENDOR.exists():
        pytest.skip("前端文件还没有下载，请先执行 ./run setup")
    for path in VENDOR.glob("*.css"):
        assert not _LOADS.search(_NAMESPACE.sub("", path.read_text(encoding="utf-8"))), path.name
    for path in VENDOR.glob("*"):
        assert b"sourceMappingURL" not in path.read_bytes(), path.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_templates_hold_no_inline_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text), "inline style"
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", text), "inline handler"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert "|safe" not in text, "escaping switched off"
    assert "hx-on" not in text, "htmx would evaluate text"


def _frontend() -> Any:
    spec = importlib.util.spec_from_file_location("frontend", ROOT / "tools/frontend.py")
    assert spec is not None
    assert spec.loader is not None
    frontend = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(frontend)
    return frontend


def test_every_icon_of_the_menu_is_found_in_the_sources() -> None:
    found = set(_frontend().icon_names())
    for manifest in menu._groups.values():
        wanted = {manifest.icon, *(s.icon for s in manifest.sections), *(i.icon for i in manifest.menu)}
        assert not wanted - found - {""}


def test_every_icon_that_a_source_names_exists() -> None:
    frontend = _frontend()
    icons = frontend.MODULES / "@tabler/icons/icons/outline"
    if not icons.exists():
        pytest.skip("前端文件还没有下载，请先执行 ./run setup")
    missing = [name for name in frontend.icon_names() if not (icons / f"{name}.svg").exists()]
    assert not missing


def themes() -> dict[str, dict[str, str]]:
    text = (WEB / "static/taxops/tokens.css").read_text()
    found: dict[str, dict[str, str]] = {}
    for name, body in re.findall(
        r'\[data-bs-theme="(\w+)"\] \{\n\s+color-scheme[^}]*?\n(.*?)\n\}', text, re.DOTALL
    ):
        found[name] = dict(re.findall(r"--(tx-[\w-]+):\s*(#[0-9a-f]{3,6});", body))
    return found


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(c * 2 for c in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = ((p / 12.92) if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_what_it_stands_on(theme: str) -> None:
    colours = themes()[theme]
    grounds = ("bg", "surface", "raised", "sunken", "hover", "chosen")
    pairs = list(product(("ink", "soft", "muted", "link"), grounds))
    for tone in ("good", "warning", "bad", "unknown", "suspended", "active", "plain"):
        pairs += [(tone, f"{tone}-bg"), (tone, "surface")]
    pairs += [("on-primary", "primary"), ("on-primary", "primary-strong"), ("side-ink", "side")]
    pairs += [("side-strong", "side-current"), ("side-ink", "side-hover")]
    weak = {
        f"{text} on {ground}": round(contrast(colours[f"tx-{text}"], colours[f"tx-{ground}"]), 2)
        for text, ground in pairs
        if contrast(colours[f"tx-{text}"], colours[f"tx-{ground}"]) < 4.5
    }
    assert not weak, f"对比度不足 4.5：{weak}"


@pytest.mark.parametrize("path", [p for p in OWN if p.suffix == ".js"], ids=lambda p: p.name)
def test_scripts_evaluate_no_text(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\beval\(|new Function|document\.write|setAttribute\(\s*['\"]style", text)
