"""Documents are true: generated parts match their source, links lead somewhere."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from taxops.project.atlas import ROOT


def _docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_documents_match_their_source() -> None:
    assert _docs().stale() == []


def test_links_lead_somewhere() -> None:
    assert _docs().dead_links() == []


def test_both_readmes_name_the_two_commands_and_show_a_picture() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "./run demo" in text
        assert "./run test" in text
        assert "docs/images/overview.png" in text
        assert len(text.splitlines()) <= 60, "one screen"
