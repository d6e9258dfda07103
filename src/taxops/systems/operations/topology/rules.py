"""Where each asset stands in the drawing (分层布局): layers by dependency, few crossings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST_IN_ROW = 7
SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the drawing (连线): `above` needs or contains `below`; `kind` is the asset relation."""

    above: int
    below: int
    kind: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one asset is drawn (图位): row from the top, place in the row from the left, how long the row is."""

    asset: int
    row: int
    place: int
    length: int


def link_of(source: int, kind: str, target: int) -> Link:
    """Return an asset relation as a line from above to below (关系方向): the whole stands above its part."""
    return Link(target, source, kind) if kind == "part_of" else Link(source, target, kind)


def layers(assets: Iterable[int], links: Sequence[Link]) -> dict[int, int]:
    """Return each asset's layer (层): below everything that needs it, as high as that allows.

    A circle of dependencies is cut at the line that closes it.

    >>> layers([1, 2, 3], [Link(1, 2, "part_of"), Link(2, 3, "runs_on"), Link(1, 3, "depends_on")])
    {1: 0, 2: 1, 3: 2}
    """
    known = list(dict.fromkeys(assets))
    below: dict[int, list[int]] = {asset: [] for asset in known}
    for link in links:
        if link.above in below and link.below in below:
            below[link.above].append(link.below)
    order: list[int] = []
    state = dict.fromkeys(known, 0)  # 0 not seen, 1 on the way, 2 done
    cut: set[tuple[int, int]] = set()
    for start in known:
        if state[start]:
            continue
        state[start] = 1
        stack = [(start, iter(below[start]))]
        while stack:
            asset, waiting = stack[-1]
            step = next(waiting, None)
            if step is None:
                state[asset] = 2
                order.append(asset)
                stack.pop()
            elif state[step] == 1:
                cut.add((asset, step))
            elif state[step] == 0:
                state[step] = 1
                stack.append((step, iter(below[step])))
    layer = dict.fromkeys(known, 0)
    for asset in reversed(order):
        for step in below[asset]:
            if (asset, step) not in cut:
                layer[step] = max(layer[step], layer[asset] + 1)
    return layer


def arrange(assets: Iterable[int], links: Sequence[Link], *, most: int = MOST_IN_ROW) -> list[Spot]:
    """Return where every asset is drawn (布局): in its layer, near what it is tied to, no row too long."""
    layer = layers(assets, links)
    near: dict[int, list[int]] = {asset: [] for asset in layer}
    for link in links:
        if link.above in near and link.below in near:
            near[link.above].append(link.below)
            near[link.below].append(link.above)
    rows = [[a for a in layer if layer[a] == n] for n in range(1 + max(layer.values(), default=-1))]
    place = {asset: (i + 0.5) / len(row) for row in rows for i, asset in enumerate(row)}
    for _ in range(SWEEPS):
        for row in rows:
            row.sort(key=lambda asset: (_middle(near[asset], place, place[asset]), asset))
            place.update({asset: (i + 0.5) / len(row) for i, asset in enumerate(row)})
    short = [row[i : i + most] for row in rows for i in range(0, len(row), most)]
    return [Spot(asset, n, i, len(row)) for n, row in enumerate(short) for i, asset in enumerate(row)]


def _middle(others: Sequence[int], place: Mapping[int, float], own: float) -> float:
    return sum(place[other] for other in others) / len(others) if others else own
