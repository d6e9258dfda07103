"""A condition ready to be asked (条件): text, tree, needed facts and the compiled judgement."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .compiling import Run, judgement
from .complaints import BadCondition
from .explaining import Judgement, explain, trace
from .functions import CLOCK
from .grammar import parse
from .nodes import Call, Node, Path, children
from .render import render, spell_path


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for a check (条件).

    Args:
        text: as the author wrote it.
        tree: its syntax tree.
        names: the facts it needs, as written: `status`, `body.code`, `header["server"]`.
        roots: the first part of each name: `status`, `body`, `header`; what a probe has to deliver.
    """

    text: str
    tree: Node
    names: frozenset[str]
    roots: frozenset[str]
    _run: Run = field(repr=False, compare=False)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Test whether the condition holds; it does not when a fact it depends on is missing."""
        return self._run(facts) is True

    def explain(self, facts: Mapping[str, Any]) -> str:
        """Return one Chinese line with the values that decided: `status 实际为 502，要求 == 200`."""
        return explain(self.tree, facts)

    def trace(self, facts: Mapping[str, Any]) -> tuple[Judgement, ...]:
        """Return every single judgement with its values, from left to right."""
        return trace(self.tree, facts)

    def render(self) -> str:
        """Return the canonical text."""
        return render(self.tree)


def compile_condition(text: str, names: Collection[str] | None = None) -> Condition:
    """Return the condition ready to be asked.

    >>> condition = compile_condition('status == 200 and body.code == "0"', {"status", "body"})
    >>> condition.holds({"status": 200, "body": {"code": "0"}})
    True
    >>> condition.explain({"status": 502})
    'status 实际为 502，要求 == 200；没有 body.code 这个值'

    Args:
        text: the condition.
        names: the facts that the kind of check delivers (roots); None accepts any.

    Raises:
        BadCondition: the text is not a condition (a `BadInput` that names the column), or asks for a fact
            that is not in `names`.
    """
    tree = parse(text)
    paths = list(_paths(tree))
    if names is not None:
        for path in paths:
            if path.root not in names:
                raise _unknown(path, text, names)
    needed = frozenset(path.root for path in paths)
    return Condition(
        text=text,
        tree=tree,
        names=frozenset(map(spell_path, paths)),
        roots=needed,
        _run=judgement(tree),
    )


def _paths(node: Node) -> Iterator[Path]:
    if isinstance(node, Path):
        yield node
    if isinstance(node, Call) and node.name == "age":
        yield Path(CLOCK, (), node.at)
    for child in children(node):
        yield from _paths(child)


def _unknown(path: Path, text: str, names: Collection[str]) -> BadCondition:
    close = difflib.get_close_matches(path.root, names, n=1)
    todo = f"是不是 {close[0]}？" if close else f"可用的值有：{'、'.join(sorted(names)) or '（无）'}。"
    return BadCondition(f"没有「{path.root}」这个值。", text=text, at=path.at, todo=todo)
