"""Labels: identity by fingerprint (指纹), selection by matchers (匹配条件)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from taxops.engines.base import BadInput

_FORM = re.compile(r"\s*([A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*)\s*(=~|!~|!=|=|\^=)\s*(.*?)\s*")
_NESTED = re.compile(r"\([^)]*[+*][^)]*\)\s*[+*{]")


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return the identity of a problem: 16 hexadecimal digits over its sorted labels."""
    text = "\x00".join(f"{name}\x01{labels[name]}" for name in sorted(labels))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def bounded(text: str, most: int) -> str:
    """Return a text of at most so many characters (at least 17) that differs whenever the whole differs."""
    if len(text) <= most:
        return text
    return f"{text[: most - 17]}~{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One test of one label (匹配条件).

    Args:
        label: its name; a label that is not there counts as empty.
        operator: `=`, `!=`, `=~` (whole value matches), `!~`, `^=` (begins with: an organisation's subtree).
        value: text or pattern.
    """

    label: str
    operator: str
    value: str

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Test the labels."""
        found = labels.get(self.label, "")
        if self.operator == "=":
            return found == self.value
        if self.operator == "!=":
            return found != self.value
        if self.operator == "^=":
            return found.startswith(self.value)
        matched = re.fullmatch(self.value, found) is not None
        return matched if self.operator == "=~" else not matched

    def __str__(self) -> str:
        return f"{self.label}{self.operator}{self.value}"


def parse_matchers(texts: Iterable[str]) -> tuple[Matcher, ...]:
    """Return matchers written as `severity=L1`, `system!=开票`, `check=~nginx.*`, `org^=100000/220000/`.

    Raises:
        BadInput: one is not written so, or its pattern is invalid or could run for ever.
    """
    found = []
    for text in texts:
        parts = _FORM.fullmatch(text)
        if not parts:
            raise BadInput(
                f"匹配条件「{text}」无法识别。", "写作 severity=L1、system!=开票、check=~nginx.*、org^=路径。"
            )
        label, operator, value = parts[1], parts[2], parts[3].strip('"')
        if operator in {"=~", "!~"}:
            if len(value) > 200 or _NESTED.search(value):
                raise BadInput(f"匹配条件「{text}」的正则过长或含嵌套重复。", "请写得简单些。")
            try:
                re.compile(value)
            except re.error as error:
                raise BadInput(f"匹配条件「{text}」的正则无效：{error.msg}。") from error
        found.append(Matcher(label, operator, value))
    return tuple(found)


def all_hold(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Test that every matcher holds."""
    for matcher in matchers:  # noqa: SIM110 -- twice as fast; each event is tried against every route
        if not matcher.holds(labels):
            return False
    return True
