"""What a generated province (生成省) is made of: units, sizes, streams of chance and coded columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from taxops.engines.base import BadInput, Choices

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[Any]  # dates plus days are dates to numpy, not to its type stubs
Bools = npt.NDArray[np.bool_]

NO_INT = np.iinfo(np.int64).min
"""Stands for null in columns of whole numbers; NaT does in dates, -1 in coded columns."""

DAY = np.timedelta64(1, "D")


class Size(Choices):
    """How large a province is generated (规模)."""

    S = "S", "小（5 千户）"
    M = "M", "中（6 万户）"
    L = "L", "大（100 万户）"

    @property
    def taxpayers(self) -> int:
        """Return how many taxpayers (纳税人户数)."""
        return {"S": 5_000, "M": 60_000, "L": 1_000_000}[self.value]


@dataclass(frozen=True, slots=True)
class Unit:
    """A tax office of the tree (税务机关), parents before children.

    Args:
        code: the bureau's code, all digits.
        name: full name.
        level: province, city, county or branch.
        parent: code of the office above; None at the top.
    """

    code: int
    name: str
    level: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of words (代码列): positions into `words`; -1 is null."""

    codes: Ints
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, where: Ints | Bools) -> Coded:
        """Return the chosen rows."""
        return Coded(self.codes[where], self.words)

    def ends(self, text: str) -> Bools:
        """Return where the word ends with `text`."""
        return np.array([w.endswith(text) for w in self.words])[self.codes]

    def mask(self, word: str) -> Bools:
        """Return where the column says `word`."""
        return np.asarray(self.codes == list(self.words).index(word))


Column = npt.NDArray[Any] | Coded
Table = dict[str, "Column"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be generated (生成计划).

    Args:
        size: how many taxpayers.
        seed: the same seed gives the same bytes.
        start: first month, `2024-01`.
        months: how many.
        units: the offices, parents first.
        hard: adaptive fraud (适应性虚开): cover purchases, smaller invoices, some staff.
        count: taxpayers when not the size's own number; at least 600.
    """

    size: Size
    seed: int
    start: str
    months: int
    units: tuple[Unit, ...]
    hard: bool = False
    count: int = 0

    @property
    def taxpayers(self) -> int:
        """Return how many taxpayers are generated (户数)."""
        return self.count or self.size.taxpayers

    def month(self, number: int) -> np.datetime64:
        """Return the n-th month of the plan, 0 the first; numbers outside lie before or after."""
        return np.datetime64(self.start, "M") + np.timedelta64(number, "M")

    def first_day(self, number: int) -> np.datetime64:
        """Return the first day of the n-th month."""
        day: np.datetime64 = self.month(number).astype("datetime64[D]")
        return day

    def chance(self, name: str, number: int = 0) -> np.random.Generator:
        """Return the stream of chance of one part, so that parts do not disturb each other."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, crc32(name.encode()), number]))


def check_plan(plan: Plan) -> None:
    """Do nothing when the plan can be carried out.

    Raises:
        BadInput: months out of range, no office at the bottom, or a child before its parent.
    """
    if not 1 <= plan.months <= 120:
        raise BadInput(f"月数 {plan.months} 超出范围。", "请给 1 到 120。")
    if plan.count and plan.count < 600:
        raise BadInput(f"户数 {plan.count} 太少，埋设不下各类样本。", "请给 600 以上。")
    if plan.seed < 0:
        raise BadInput("种子应是不小于 0 的整数。")
    seen: set[int] = set()
    for unit in plan.units:
        if unit.parent is not None and unit.parent not in seen:
            raise BadInput(
                f"机构 {unit.code} 的上级 {unit.parent} 没有排在它前面。", "请按上级在先排列机构。"
            )
        seen.add(unit.code)
    if not any(unit.level == "county" for unit in plan.units):
        raise BadInput("机构树里没有县级机关，无法分配纳税人。")


def pick(chance: np.random.Generator, words: Sequence[str], odds: Sequence[float], size: int) -> Coded:
    """Return `size` words drawn with the given odds."""
    p = np.asarray(odds, dtype=np.float64)
    return Coded(chance.choice(len(words), size=size, p=p / p.sum()).astype(np.int64), words)


def sigmoid(x: Floats) -> Floats:
    """Return the logistic function, for probabilities that depend on an office's diligence."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))
