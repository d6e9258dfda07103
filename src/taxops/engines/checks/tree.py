"""Health trees (健康树): which checks must work for a system to work, as data.

`{"all": [...]}`, `{"any": [...]}`, `{"k": 2, "of": [...]}`, `{"percent": 60, "of": [...]}` over leaves
`{"check": "code"}` and `{"system": "code"}`. One node behind a virtual address is then not an outage of the system.
A counted group may name its members by pattern, `{"percent": 60, "min": 2, "of": "web-*"}`: it grows and shrinks
with the checks there are (动态法定数). A member under maintenance leaves the count; `min` stays whatever leaves.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from taxops.engines.base import BadInput, Choices

MAX_DEPTH = 8
MAX_LEAVES = 500


class Health(Choices):
    """How a check or system is (健康状态)."""

    GOOD = "good", "正常"
    WARNING = "warning", "警告"
    BAD = "bad", "异常"
    UNKNOWN = "unknown", "未知"
    SUSPENDED = "suspended", "维护中"


class LeafKind(Choices):
    """What a leaf stands for (叶子类型)."""

    CHECK = "check", "检查项"
    SYSTEM = "system", "系统"


class Leaf(NamedTuple):
    """One check or one other system (叶子); a named tuple, for it is looked up all the time."""

    kind: LeafKind
    code: str

    def __str__(self) -> str:
        return f"{self.kind.label} {self.code}"


@dataclass(frozen=True, slots=True)
class Quorum:
    """Parts of which enough must be good (法定数).

    Args:
        k: how many; None means all, unless `percent` says otherwise; 1 means any.
        parts: the parts.
        percent: how many of the present parts, in percent, rounded up.
        least: so many must be good however few are present (最少): maintenance does not lower it.
        members: a pattern of check codes whose checks are the parts, see `grow`.
    """

    k: int | None
    parts: tuple[Tree, ...]
    percent: int | None = None
    least: int = 0
    members: str = ""

    @property
    def is_counted(self) -> bool:
        """Test whether it counts its parts (计数组), so that one under maintenance leaves the count."""
        return self.k is not None or self.percent is not None

    def needed(self, present: int) -> int:
        """Return how many of `present` parts must be good; parts under maintenance are not present."""
        if self.percent is not None:
            usual = -(-present * self.percent // 100)
        else:
            usual = present if self.k is None else min(self.k, present)
        return max(usual, self.least)

    def rule(self) -> str:
        """Return what is asked, in Chinese."""
        if self.percent is not None:
            said = f"至少 {self.percent}% 正常"
        else:
            said = "全部正常" if self.k is None else "任一正常" if self.k == 1 else f"至少 {self.k} 项正常"
        return f"{said}，且不少于 {self.least} 项" if self.least else said


Tree = Leaf | Quorum

_HEALTHS = tuple(Health)


def parse_tree(
    data: object, *, checks: Collection[str] | None = None, systems: Collection[str] | None = None
) -> Tree:
    """Return the health tree from JSON text or from what JSON text was read into.

    >>> parse_tree({"any": [{"check": "web-1"}, {"check": "web-2"}]}).k
    1

    Args:
        data: the tree.
        checks: codes of the checks there are; None accepts any.
        systems: codes of the systems there are; None accepts any.

    Raises:
        BadInput: it is not a tree; the message names the place, such as `all[1].of[0]`.
    """
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadInput("健康树不是正确的 JSON。", "请检查括号、逗号和引号。", field="tree") from error
    known = {LeafKind.CHECK: checks, LeafKind.SYSTEM: systems}
    tree = _parse(data, "", 0, known)
    count = sum(1 for _ in leaves(tree))
    if count > MAX_LEAVES:
        raise _bad("", f"健康树有 {count} 个叶子，最多 {MAX_LEAVES} 个。", "请分成几个系统。")
    return tree


def tree_data(tree: Tree) -> dict[str, Any]:
    """Return the tree as `parse_tree` reads it."""
    if isinstance(tree, Leaf):
        return {tree.kind.value: tree.code}
    of = tree.members or [tree_data(part) for part in tree.parts]
    least = {"min": tree.least} if tree.least else {}
    if tree.percent is not None:
        return {"percent": tree.percent, **least, "of": of}
    if tree.k is None:
        return {"all": of}
    return {"any": of} if tree.k == 1 and not least and not tree.members else {"k": tree.k, **least, "of": of}


def grow(tree: Tree, codes: Collection[str]) -> Tree:
    """Return the tree with the members of its patterns (成员展开), sorted by code.

    Args:
        tree: as it was written.
        codes: of the checks there are.
    """
    if isinstance(tree, Leaf):
        return tree
    if tree.members:
        found = sorted(code for code in codes if fnmatchcase(code, tree.members))
        return replace(tree, parts=tuple(Leaf(LeafKind.CHECK, code) for code in found))
    return replace(tree, parts=tuple(grow(part, codes) for part in tree.parts))


def counted_leaves(tree: Tree) -> set[Leaf]:
    """Return the leaves that stand directly in a counted group, which they leave while under maintenance."""
    if isinstance(tree, Leaf):
        return set()
    own = {part for part in tree.parts if isinstance(part, Leaf)} if tree.is_counted else set()
    return own.union(*(counted_leaves(part) for part in tree.parts if isinstance(part, Quorum)), set())


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Yield the leaves from left to right."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for part in tree.parts:
            yield from leaves(part)


def all_of(codes: Iterable[str]) -> Tree:
    """Return the tree in which every check must be good, as a system without its own tree has it."""
    return Quorum(None, tuple(Leaf(LeafKind.CHECK, code) for code in codes))


def system_order(trees: Mapping[str, Tree]) -> list[str]:
    """Return the systems so that each comes after those its tree asks for (求值顺序).

    Raises:
        BadInput: systems ask for one another in a circle; the message spells it out.
    """
    order: list[str] = []
    done: set[str] = set()
    for start in trees:
        path: list[str] = []
        pending: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            path.append(start)
            pending.append((start, _asked(trees[start])))
        while pending:
            system, asked = pending[-1]
            following = next(asked, None)
            if following is None:
                pending.pop()
                path.pop()
                done.add(system)
                order.append(system)
            elif following in path:
                circle = " → ".join([*path[path.index(following) :], following])
                raise _bad("", f"系统互相引用成环：{circle}。", "请去掉其中一处引用。")
            elif following not in done and following in trees:
                path.append(following)
                pending.append((following, _asked(trees[following])))
    return order


def _asked(tree: Tree) -> Iterator[str]:
    return (leaf.code for leaf in leaves(tree) if leaf.kind is LeafKind.SYSTEM)


def evaluate(tree: Tree, states: Mapping[Leaf, Health]) -> Health:
    """Return the health of the whole (健康判定); a leaf without a state is unknown.

    Bad and good are said only when the unknown parts cannot change it. Parts under maintenance are left out;
    when nothing is left, the whole is under maintenance. Good with a bad or warning part is a warning.
    """
    if isinstance(tree, Leaf):
        return states.get(tree, Health.UNKNOWN)
    counts = no_parts()
    for part in tree.parts:
        counts[evaluate(part, states)] += 1
    return quorum_health(tree, counts)


def no_parts() -> dict[Health, int]:
    """Return a count of parts by health, still empty."""
    return dict.fromkeys(_HEALTHS, 0)


def quorum_health(quorum: Quorum, counts: Mapping[Health, int]) -> Health:
    """Return the health of a quorum from how many of its parts are how."""
    present = len(quorum.parts) - counts[Health.SUSPENDED]
    if not quorum.parts:  # a pattern that names nothing says nothing
        return Health.UNKNOWN
    if not present:
        return Health.SUSPENDED
    needed = quorum.needed(present)
    good = counts[Health.GOOD] + counts[Health.WARNING]
    if good >= needed:
        return Health.WARNING if counts[Health.WARNING] or counts[Health.BAD] else Health.GOOD
    return Health.UNKNOWN if good + counts[Health.UNKNOWN] >= needed else Health.BAD


def evaluate_all(
    trees: Mapping[str, Tree], checks: Mapping[str, Health], *, order: Sequence[str] | None = None
) -> dict[str, Health]:
    """Return the health of every system from the health of the checks.

    Raises:
        BadInput: systems ask for one another in a circle.
    """
    states: dict[Leaf, Health] = {Leaf(LeafKind.CHECK, code): health for code, health in checks.items()}
    for system in system_order(trees) if order is None else order:
        states[Leaf(LeafKind.SYSTEM, system)] = evaluate(trees[system], states)
    return {system: states[Leaf(LeafKind.SYSTEM, system)] for system in trees}


def culprits(tree: Tree, states: Mapping[Leaf, Health]) -> list[Leaf]:
    """Return the leaves that keep the whole from being good (异常来源), from left to right.

    For a bad whole the bad leaves that make it so; for a warning those that are bad or warn; for an unknown
    one also the unknown leaves.
    """
    whole = evaluate(tree, states)
    if whole in (Health.GOOD, Health.SUSPENDED):
        return []
    if isinstance(tree, Leaf):
        return [tree]
    blamed = {
        Health.BAD: {Health.BAD},
        Health.WARNING: {Health.BAD, Health.WARNING},
        Health.UNKNOWN: {Health.BAD, Health.UNKNOWN},
    }[whole]
    found = (
        leaf for part in tree.parts if evaluate(part, states) in blamed for leaf in culprits(part, states)
    )
    return list(dict.fromkeys(found))


def explain_tree(
    tree: Tree, states: Mapping[Leaf, Health], *, names: Mapping[Leaf, str] | None = None
) -> str:
    """Return one Chinese line: how the whole is and which leaves make it so.

    Args:
        tree: the tree.
        states: the health of its leaves.
        names: what to call the leaves; their codes where absent.
    """
    whole = evaluate(tree, states)
    guilty = culprits(tree, states)
    if not guilty:
        return {Health.GOOD: "全部正常。", Health.SUSPENDED: "均在维护中。"}.get(whole, f"{whole.label}。")
    shown = "、".join(
        f"{(names or {}).get(leaf, leaf.code)}（{states.get(leaf, Health.UNKNOWN).label}）"
        for leaf in guilty[:10]
    )
    more = f"等 {len(guilty)} 项" if len(guilty) > 10 else ""
    return f"{_need(tree, states)}{whole.label}：{shown}{more}。"


def _need(tree: Tree, states: Mapping[Leaf, Health]) -> str:
    if isinstance(tree, Leaf):
        return ""
    healths = [evaluate(part, states) for part in tree.parts]
    present = sum(health is not Health.SUSPENDED for health in healths)
    good = sum(health in (Health.GOOD, Health.WARNING) for health in healths)
    return f"{present} 项中需 {tree.needed(present)} 项正常，实际 {good} 项；"


# ---- reading


def _parse(data: object, place: str, depth: int, known: Mapping[LeafKind, Collection[str] | None]) -> Tree:
    if depth > MAX_DEPTH:
        raise _bad(place, f"健康树最多 {MAX_DEPTH} 层。", "请把里层做成另一个系统。")
    if not isinstance(data, Mapping):
        raise _bad(place, "这里应是一个对象。", '例如 {"check": "编码"} 或 {"all": […]}。')
    keys = set(data)
    if len(keys) == 1 and (kind := next((k for k in LeafKind if k.value in keys), None)):
        return _leaf(kind, data[kind.value], place, known[kind])
    if keys == {"all"} or keys == {"any"}:
        word = "all" if "all" in keys else "any"
        parts = _parts(data[word], word, place, depth, known)
        return Quorum(None if word == "all" else 1, parts)
    if keys - {"min"} in ({"k", "of"}, {"percent", "of"}):
        return _counted(data, place, depth, known)
    shown = "、".join(sorted(map(str, keys))) or "（空）"
    raise _bad(
        place, f"不认识的写法：{shown}。", "只能是 all、any、k 与 of、percent 与 of、check 或 system 之一。"
    )


def _counted(
    data: Mapping[str, Any], place: str, depth: int, known: Mapping[LeafKind, Collection[str] | None]
) -> Quorum:
    """Read a group that counts its parts; one that names members by pattern may have any number of them."""
    pattern = data["of"].strip() if isinstance(data["of"], str) else ""
    if isinstance(data["of"], str):
        if not pattern or len(pattern) > 60:
            raise _bad(_join(place, "of"), "成员的编码样式应为 1 到 60 个字符。", "例如 web-*。")
        parts: tuple[Tree, ...] = ()
        codes = known[LeafKind.CHECK]
        if codes is not None and not any(fnmatchcase(code, pattern) for code in codes):
            raise _bad(_join(place, "of"), f"没有编码符合「{pattern}」的检查项。", "请核对样式。")
    else:
        parts = _parts(data["of"], "of", place, depth, known)
    most = len(parts) if parts else MAX_LEAVES
    k, percent = data.get("k"), data.get("percent")
    if "k" in data and (type(k) is not int or not 1 <= k <= most):
        raise _bad(_join(place, "k"), f"k 应是 1 到 {most} 的整数。", "k 是至少要正常的项数。")
    if "percent" in data and (type(percent) is not int or not 1 <= percent <= 100):
        raise _bad(
            _join(place, "percent"), "percent 应是 1 到 100 的整数。", "是在用成员中至少要正常的百分比。"
        )
    least = data.get("min", 0)
    if type(least) is not int or not 0 <= least <= most:
        raise _bad(_join(place, "min"), f"min 应是 0 到 {most} 的整数。", "是无论维护与否都要正常的项数。")
    return Quorum(k, parts, percent, least, pattern)


def _leaf(kind: LeafKind, code: object, place: str, known: Collection[str] | None) -> Leaf:
    where = _join(place, kind.value)
    if not isinstance(code, str) or not code.strip():
        raise _bad(where, f"{kind.label}的编码应是文字。", "请填写编码。")
    if known is not None and code not in known:
        raise _bad(where, f"没有编码为「{code}」的{kind.label}。", "请先建立它，或改用已有的编码。")
    return Leaf(kind, code)


def _parts(
    data: object, word: str, place: str, depth: int, known: Mapping[LeafKind, Collection[str] | None]
) -> tuple[Tree, ...]:
    where = _join(place, word)
    if not isinstance(data, list | tuple):
        raise _bad(where, "这里应是一个列表。", f'例如 {{"{word}": [{{"check": "编码"}}]}}。')
    if not data:
        raise _bad(where, "列表是空的。", "请至少写一项。")
    if len(data) > MAX_LEAVES:
        raise _bad(where, f"列表有 {len(data)} 项，最多 {MAX_LEAVES} 项。", "请分成几个系统。")
    parts = tuple(_parse(item, f"{where}[{i}]", depth + 1, known) for i, item in enumerate(data))
    seen: set[Tree] = set()
    for i, part in enumerate(parts):
        if part in seen:
            what = str(part) if isinstance(part, Leaf) else "同样的一组"
            raise _bad(f"{where}[{i}]", f"{what}写了两次。", "请去掉重复的一项。")
        seen.add(part)
    return parts


def _join(place: str, word: str) -> str:
    return f"{place}.{word}" if place else word


def _bad(place: str, what: str, todo: str) -> BadInput:
    return BadInput(f"健康树 {place}：{what}" if place else what, todo, field="tree")
