"""The library of definitions (指标库): versions that never change, references resolved, cycles named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from taxops.engines.base import BadInput, Conflict, NotFound

from .definition import Definition


@dataclass(frozen=True, slots=True)
class Library:
    """The definitions in force (指标库): one version a code, references within it.

    Args:
        definitions: code → definition, those that others stand on first.
    """

    definitions: Mapping[str, Definition] = field(default_factory=dict)

    def get(self, code: str) -> Definition:
        """Return a definition.

        Raises:
            NotFound: there is none of that code.
        """
        if code not in self.definitions:
            near = [c for c in self.definitions if c.lower().startswith(code.lower()[:2])]
            raise NotFound(f"没有代码为「{code}」的指标。", f"相近的有：{'、'.join(near[:8]) or '（无）'}。")
        return self.definitions[code]

    def closure(self, codes: Iterable[str]) -> list[Definition]:
        """Return definitions and all they stand on, those first."""
        wanted: set[str] = set()
        queue = list(codes)
        while queue:
            code = queue.pop()
            if code not in wanted:
                wanted.add(code)
                queue.extend(self.get(code).of.values())
        return [d for c, d in self.definitions.items() if c in wanted]

    def users(self, code: str) -> list[str]:
        """Return the codes of all that stand on a definition, near and far: what a change of it touches."""
        found: list[str] = []
        for other, definition in self.definitions.items():
            if set(definition.of.values()) & {code, *found}:
                found.append(other)
        return found

    def overlaid(self, changed: Iterable[Definition]) -> Library:
        """Return the library with some definitions replaced or added, for a trial."""
        return library_of([*{**self.definitions, **{d.code: d for d in changed}}.values()])


def library_of(definitions: Iterable[Definition]) -> Library:
    """Return the library of definitions; of several versions of a code the newest.

    Raises:
        Conflict: one version has two contents.
        BadInput: a reference to nowhere, or a cycle; the message names the path.
    """
    newest: dict[str, Definition] = {}
    seen: dict[tuple[str, int], Definition] = {}
    for d in definitions:
        publish(seen.get((d.code, d.version)), d)
        seen[d.code, d.version] = d
        if d.code not in newest or d.version > newest[d.code].version:
            newest[d.code] = d
    return Library({code: newest[code] for code in _ordered(newest)})


def publish(published: Definition | None, new: Definition) -> Definition:
    """Return what may be published as a version: itself again, or the first of that version.

    Raises:
        Conflict: this version is published with other content.
    """
    if published is not None and published.content_hash != new.content_hash:
        raise Conflict(
            f"指标 {new.code} 的第 {new.version} 版已发布，内容不能再改。",
            f"请把改动作为第 {new.version + 1} 版。",
        )
    return new


def _ordered(known: Mapping[str, Definition]) -> list[str]:
    done: dict[str, None] = {}
    path: list[str] = []

    def visit(code: str) -> None:
        if code in done:
            return
        if code in path:
            loop = [*path[path.index(code) :], code]
            raise BadInput(f"指标互相引用成环：{' → '.join(loop)}。", "请去掉其中一个引用。")
        path.append(code)
        for other in known[code].of.values():
            if other not in known:
                raise BadInput(
                    f"指标 {code} 引用的「{other}」不存在。", "请检查 of 里的指标代码。", field="of"
                )
            visit(other)
        path.pop()
        done[code] = None

    for code in known:
        visit(code)
    return list(done)
