"""Reads a page as a strict reader would: what is wrong with its HTML, in words."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"input", "meta", "link", "br", "hr", "img", "path", "use", "polyline"}
_OUTSIDE = ("http:", "https:", "//", "javascript:")
_QUIET = {"hidden", "submit", "button", "image", "reset"}


class Reader(HTMLParser):
    """Collects problems while reading: labels, inline code, outside addresses, doubled ids."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.ids: set[str] = set()
        self.labelled: set[str] = set()
        self.inputs: list[tuple[str, dict[str, str | None]]] = []
        self.lang = ""
        self.title = ""
        self.h1: list[str] = []
        self._inside: list[str] = []
        self._script: dict[str, str | None] | None = None
        self._buttons: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._refuse(tag, attrs)
        self._identify(known)
        if tag == "html":
            self.lang = known.get("lang") or ""
        elif tag == "script":
            self._script = known
        elif tag == "h1":
            self.h1.append("")
        elif tag == "img" and "alt" not in known:
            self.problems.append("<img> without alt")
        elif tag == "svg" and self._buttons:
            self._buttons[-1].append(known.get("aria-label") or "")
        if tag in {"button", "a"}:
            self._buttons.append([known.get("aria-label") or known.get("title") or ""])
        if tag in {"input", "select", "textarea"} and known.get("type") not in _QUIET:
            known["__in_label"] = "yes" if "label" in self._inside else None
            self.inputs.append((tag, known))
        if tag not in _VOID:
            self._inside.append(tag)

    def _refuse(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "style":
                self.problems.append(f"<{tag}> has an inline style: {value}")
            if name.startswith("on"):
                self.problems.append(f"<{tag}> has an inline handler: {name}")
            if name in {"src", "href", "action"} and (value or "").lower().startswith(_OUTSIDE):
                self.problems.append(f"<{tag} {name}> leads outside: {value}")

    def _identify(self, known: dict[str, str | None]) -> None:
        if "for" in known:
            self.labelled.add(known["for"] or "")
        if "id" in known:
            if known["id"] in self.ids:
                self.problems.append(f"id {known['id']} is there twice")
            self.ids.add(known["id"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside and self._inside.pop() != tag:
                pass
        if tag == "script":
            self._script = None
        if tag in {"button", "a"} and self._buttons and not "".join(self._buttons.pop()).strip():
            self.problems.append(f"<{tag}> has no words")

    def handle_data(self, data: str) -> None:
        if self._script is not None and data.strip() and self._script.get("type") != "application/json":
            self.problems.append("inline script")
        if self._inside[-1:] == ["title"]:
            self.title += data
        if "h1" in self._inside:
            self.h1[-1] += data
        for words in self._buttons:
            words.append(data)

    def finish(self, *, whole: bool = True) -> list[str]:
        """Return all problems; `whole`: it is a page, not a part of one."""
        for tag, known in self.inputs:
            named = known.get("aria-label") or known.get("aria-labelledby") or known["__in_label"]
            if not named and (known.get("id") or "") not in self.labelled:
                self.problems.append(f"<{tag} name={known.get('name')}> has no label")
        if whole:
            if self.lang != "zh-CN":
                self.problems.append(f"lang is {self.lang!r}")
            if not self.title.replace("· TaxOps", "").strip():
                self.problems.append("no title")
            if len(self.h1) != 1 or not self.h1[0].strip():
                self.problems.append(f"h1: {self.h1}")
        return self.problems


def problems(text: str, *, whole: bool = True) -> list[str]:
    """Return what is wrong with a page's HTML."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader.finish(whole=whole)
