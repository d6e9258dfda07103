"""Checking a chain (校验): one pass, constant memory, the first broken row named with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from taxops.engines.base import Choices

from .chain import Head, Link


class Break(Choices):
    """Why a row does not hold (断链原因)."""

    ALTERED = "altered", "内容被改动"
    REWRITTEN = "rewritten", "内容与摘要被一并改写"
    MISSING = "missing", "缺行"
    ORDER = "order", "行号重复或次序颠倒"
    CUT = "cut", "尾部被截断"
    EXTRA = "extra", "链头之后有多出的行"
    SEAL = "seal", "与封签不符"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not hold (首个断链行): its number, the reason, a Chinese sentence."""

    seq: int
    reason: Break
    what: str


@dataclass(slots=True)
class Verifier:
    """Takes rows in the order of their numbers, one at a time, and remembers only the last.

    Args:
        seals: number → hash of rows whose hash is known from elsewhere.
        start: where the checked part begins; the whole chain by default.
    """

    seals: Mapping[int, str] = field(default_factory=dict)
    start: Head = field(default_factory=Head)
    count: int = 0
    _last: Link | None = None

    @property
    def reached(self) -> Head:
        """The last row taken."""
        return Head(self._last.seq, self._last.hash) if self._last else self.start

    def take(self, link: Link) -> Broken | None:
        """Return what is wrong with this row, or None and remember it."""
        broken = self._order(link) or self._bond(link) or self._seal(link)
        if broken is None:
            self._last = link
            self.count += 1
        return broken

    def _order(self, link: Link) -> Broken | None:
        wanted = self.reached.seq + 1
        if link.seq > wanted:
            until = f"第 {wanted} 条" if link.seq == wanted + 1 else f"第 {wanted} 至 {link.seq - 1} 条"
            return Broken(wanted, Break.MISSING, f"{until}缺失：其后直接是第 {link.seq} 条。")
        if link.seq < wanted:
            return Broken(link.seq, Break.ORDER, f"第 {link.seq} 条重复出现或次序颠倒。")
        return None

    def _bond(self, link: Link) -> Broken | None:
        """Judge content and bond; a row that holds by its own memory accuses the row before it."""
        before = self.reached
        if link.previous == before.hash:
            if link.holds:
                return None
            return Broken(link.seq, Break.ALTERED, f"第 {link.seq} 条的内容或摘要被改动：摘要不符。")
        if self._last is not None and link.holds:
            return Broken(
                before.seq,
                Break.REWRITTEN,
                f"第 {before.seq} 条的内容与摘要被一并改写：第 {link.seq} 条记得的是另一个摘要。",
            )
        return Broken(link.seq, Break.ALTERED, f"第 {link.seq} 条记载的上一条摘要被改动。")

    def _seal(self, link: Link) -> Broken | None:
        sealed = self.seals.get(link.seq)
        if sealed is None or sealed == link.hash:
            return None
        held = max((seq for seq in self.seals if seq < link.seq), default=0)
        return Broken(
            held + 1,
            Break.SEAL,
            f"第 {held + 1} 至 {link.seq} 条之间被整段改写：第 {link.seq} 条与封签不符。",
        )

    def finish(self, head: Head) -> Broken | None:
        """Return what is wrong with the end of the chain, given the head kept apart from the rows."""
        end = self.reached
        if end.seq < head.seq:
            return Broken(
                end.seq + 1,
                Break.CUT,
                f"第 {end.seq + 1} 至 {head.seq} 条缺失：链头记载共 {head.seq} 条，尾部被截断。",
            )
        sealed = max(self.seals, default=0)
        if end.seq < sealed:
            return Broken(
                end.seq + 1,
                Break.CUT,
                f"第 {end.seq + 1} 至 {sealed} 条缺失：封签记载到第 {sealed} 条，尾部与链头被一并截断。",
            )
        if end.seq > head.seq:
            return Broken(head.seq + 1, Break.EXTRA, f"第 {head.seq + 1} 条起不在链头之内，是多出的行。")
        if end.hash != head.hash:
            return Broken(
                end.seq, Break.REWRITTEN, f"第 {end.seq} 条与链头不符：末条或链头被改写（或整链重算）。"
            )
        return None


def verify(
    links: Iterable[Link],
    head: Head,
    *,
    seals: Mapping[int, str] | None = None,
    start: Head | None = None,
) -> Broken | None:
    """Return the first broken row of a chain, or None when every row holds up to the head.

    >>> from taxops.engines.ledger import GENESIS, digest
    >>> one = Link(1, GENESIS, "{}", digest(1, GENESIS, "{}"))
    >>> verify([one], Head(1, one.hash)) is None
    True
    >>> verify([one], Head(2, one.hash)).reason.label
    '尾部被截断'
    """
    verifier = Verifier(seals=seals or {}, start=start or Head())
    for link in links:
        broken = verifier.take(link)
        if broken is not None:
            return broken
    return verifier.finish(head)
