"""The items of the contracts with their kinds, their checks here and what proves them (检查项目对照); few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from taxops.engines.base import NotFound, Scope
from taxops.engines.checks import Kind, check_kinds
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.items import Item, all_items
from taxops.systems.operations.monitoring.words import Shown

from .models import KindProof


@dataclass(frozen=True, slots=True)
class Proven:
    """What a kind was proven against (类型验证情况)."""

    kind: Kind
    local: KindProof | None

    @property
    def is_proven(self) -> bool:
        """Whether the tests or somebody here carried it out against the real thing."""
        return bool(self.kind.verified_against) or self.local is not None or self.kind.passive

    @property
    def words(self) -> str:
        """Against what, in words."""
        if self.kind.passive:
            return "由平台判断，不连接外部系统"
        found = [f"自动测试：{self.kind.verified_against}"] if self.kind.verified_against else []
        if self.local is not None:
            found.append(f"本单位：{self.local.against}（{self.local.by_name}）")
        return "；".join(found) or self.kind.verified


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item with everything about it (对照行)."""

    item: Item
    kinds: Sequence[Proven]
    counts: Sequence[tuple[Shown, int]]
    total: int


def proven_kinds() -> dict[str, Proven]:
    """Return every kind with the confirmation that stands; one query."""
    standing: dict[str, KindProof] = {}
    for proof in KindProof.objects.filter(withdrawn_at=None).order_by("confirmed_at"):
        standing[proof.kind] = proof
    return {name: Proven(kind, standing.get(name)) for name, kind in check_kinds.items()}


def item_rows(scope: Scope, now: datetime) -> list[ItemRow]:
    """Return all items in contract order; the checks are those within the scope."""
    proven = proven_kinds()
    counts: dict[str, dict[str, int]] = {}
    used: dict[str, set[str]] = {}
    rows = monitoring.list_checks(scope, now).exclude(item="").filter(enabled=True).order_by()
    for item, kind, shown, n in rows.values_list("item", "kind", "shown").annotate(n=Count("pk")):
        of = counts.setdefault(item, {})
        of[shown] = of.get(shown, 0) + n
        used.setdefault(item, set()).add(kind)
    found = []
    for item in all_items():
        names = list(dict.fromkeys([s.kind for s in item.samples] + sorted(used.get(item.code, ()))))
        own = counts.get(item.code, {})
        found.append(
            ItemRow(
                item,
                [proven[name] for name in names if name in proven],
                [(state, own[state]) for state in Shown if own.get(state)],
                sum(own.values()),
            )
        )
    return found


def get_kind(name: str) -> Proven:
    """Return one kind with its confirmation.

    Raises:
        NotFound: there is no such kind.
    """
    if name not in check_kinds:
        raise NotFound(f"没有名为「{name[:20]}」的检查类型。", "请从检查项目对照进入。")
    return proven_kinds()[name]


def history(kind: str) -> list[KindProof]:
    """Return a kind's confirmations, latest first, withdrawn ones too."""
    return list(KindProof.objects.filter(kind=kind)[:50])
