"""Roll-up (汇总): numerators and denominators of units add up to those of the units above; ratios never average."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from taxops.engines.base import BadInput, NotFound
from taxops.engines.warehouse import Engine

Number = int | float


@dataclass(frozen=True, slots=True)
class Org:
    """One unit (机关) as the warehouse knows it."""

    id: int
    parent: int | None
    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Tree:
    """The organisation tree of the warehouse (机构树).

    Args:
        orgs: id → unit, parents before children.
        children: id → ids right below.
    """

    orgs: Mapping[int, Org]
    children: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def get(self, unit: int | str) -> Org:
        """Return a unit by id or code.

        Raises:
            NotFound: there is none.
        """
        found = next(
            (o for o in self.orgs.values() if unit in (o.id, o.code) or str(unit) == str(o.id)), None
        )
        if found is None:
            raise NotFound(f"没有代码或编号为「{unit}」的机关。", "请检查机关代码。")
        return found

    def below(self, unit: int) -> list[int]:
        """Return a unit and all units below it."""
        found = [unit]
        for one in found:
            found.extend(self.children.get(one, ()))
        return found

    def sums(self, leaves: Mapping[int, Number | None]) -> dict[int, Number]:
        """Return for every unit the sum over itself and all below; units with nothing anywhere below are left out.

        Integers stay integers; fractions are added in the order of the tree, so that the answer never varies.
        """
        found: dict[int, Number] = {k: v for k, v in leaves.items() if v is not None and k in self.orgs}
        for unit in reversed(list(self.orgs)):
            parent = self.orgs[unit].parent
            if unit in found and parent in self.orgs:
                assert parent is not None
                found[parent] = found.get(parent, 0) + found[unit]
        return found


def tree_of(orgs: Iterable[Org]) -> Tree:
    """Return the tree of units in any order.

    Raises:
        BadInput: a unit is above itself; the message names the path.
    """
    known = {o.id: o for o in orgs}
    children: dict[int, list[int]] = {}
    roots = []
    for one in sorted(known.values(), key=lambda o: (o.code, o.id)):
        if one.parent in known:
            assert one.parent is not None
            children.setdefault(one.parent, []).append(one.id)
        else:
            roots.append(one.id)
    ordered = list(roots)
    for unit in ordered:
        ordered.extend(children.get(unit, ()))
    lost = sorted(set(known) - set(ordered))
    if lost:
        raise BadInput(f"机构树有环：{'、'.join(known[o].name for o in lost[:5])}。", "请改正上级机关。")
    return Tree({o: known[o] for o in ordered}, {k: tuple(v) for k, v in children.items()})


def read_tree(engine: Engine) -> Tree:
    """Return the organisation tree of a warehouse."""
    table = engine.table("org").select("org_id", "parent_id", "code", "name", "level")
    return tree_of(
        Org(r["org_id"], r["parent_id"], r["code"], r["name"], r["level"]) for r in engine.rows(table)
    )
