"""A line with known answers to choose from (可选可填): systems by name, kept by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Pairs = Sequence[tuple[str, str]]


class Offered(forms.TextInput):
    """A text line that offers names (可选可填)."""

    def __init__(self, names: Sequence[str], attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.names = names

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the line with its list of names."""
        listed = f"{(attrs or {}).get('id', name)}-known"
        line = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((one,) for one in self.names))
        return format_html('{}<datalist id="{}">{}</datalist>', line, listed, options)


def code_for(words: str, systems: Pairs) -> str:
    """Return the code of the system of that name; the words themselves when none or several are called so.

    >>> code_for("税务受理", [("tysl", "税务受理")])
    'tysl'
    """
    found = [code for code, name in systems if name == words]
    return found[0] if len(found) == 1 else words


def name_for(code: str, systems: Pairs) -> str:
    """Return the name of a system for its code; other words stay as they are."""
    return dict(systems).get(code, code)
