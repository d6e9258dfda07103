"""Templates, where they are applied, and what applying them would do; a fixed number of queries for a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.engines.checks import leaves, parse_tree
from taxops.platform.assets.models import Asset
from taxops.platform.assets.queries import current_types
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.definitions import Definition, Fit
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem
from taxops.systems.operations.monitoring.services.bulk import draft, facts_of

from . import rules
from .models import Blueprint, BlueprintVersion, PlacedCheck, Placement, Rollout

VIEW, EDIT = "monitoring.view", "monitoring.edit"
WRITE = "blueprints.edit"
"""What a template says is everybody's: writing it needs more than keeping one's own checks."""
CODE_LENGTH = 60
_GIVEN = frozenset(Definition.__slots__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying would do to one system (套用计划)."""

    system: MonitoredSystem
    placement: Placement | None
    steps: Sequence[rules.Step]
    missing: Sequence[str]
    problems: Sequence[str]
    wanted: Sequence[rules.Wanted]
    drafts: Mapping[str, tuple[Check, Fit]]
    tree_before: Any = None
    tree_after: Any = None
    tree_note: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    assets: Sequence[int] = ()

    def count(self, act: rules.Act) -> int:
        """Return how many checks an act concerns."""
        return sum(1 for step in self.steps if step.act is act)

    @property
    def changes_tree(self) -> bool:
        """Whether the health tree would change."""
        return bool(self.tree_before != self.tree_after)

    @property
    def does_something(self) -> bool:
        """Whether applying would change anything."""
        acts = {rules.Act.ADD, rules.Act.CHANGE, rules.Act.REMOVE}
        return self.changes_tree or any(step.act in acts for step in self.steps)


@dataclass(frozen=True, slots=True)
class Order:
    """One system to plan for (套用要求)."""

    system: MonitoredSystem
    assets: Sequence[int]
    answers: Mapping[str, str]


def list_blueprints() -> QuerySet[Any]:
    """Return the templates with how many systems use them, and how many of those an older version (待更新).

    A template belongs to nobody's area; a place whose application was taken back does not count.
    """
    drafted = ~Exists(
        BlueprintVersion.objects.filter(
            blueprint=OuterRef("pk"), number=OuterRef("number"), content=OuterRef("draft")
        )
    )
    applied = Q(placements__number__gt=0, placements__system__archived_at=None)
    return Blueprint.objects.annotate(
        n_systems=Count("placements", filter=applied, distinct=True),
        n_behind=Count("placements", filter=applied & Q(placements__number__lt=F("number")), distinct=True),
        has_draft=drafted,
    )


def get_blueprint(pk: int) -> Any:
    """Return one template.

    Raises:
        NotFound: there is none.
    """
    found = list_blueprints().filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个监控模板。", "请从列表进入。")
    return found


def versions(blueprint: Blueprint) -> list[BlueprintVersion]:
    """Return a template's versions, latest first (模板版本)."""
    return list(BlueprintVersion.objects.filter(blueprint=blueprint)[:50])


def content_of(blueprint: Blueprint, number: int | None = None) -> dict[str, Any]:
    """Return a published version's content; the one in force by default, empty before the first."""
    wanted = blueprint.number if number is None else number
    found = BlueprintVersion.objects.filter(blueprint=blueprint, number=wanted).first()
    return dict(found.content) if found else {"asks": [], "entries": []}


def placements(scope: Scope, blueprint: Blueprint, *, permission: str = VIEW) -> list[Any]:
    """Return where a template is applied within the scope, with `n_checks` still in use."""
    return list(
        Placement.objects.filter(within(scope, permission, "system__org__path"), blueprint=blueprint)
        .filter(system__archived_at=None)
        .select_related("system__org", "blueprint")
        .annotate(n_checks=Count("checks", filter=Q(checks__check_row__archived_at=None)))
        .annotate(latest=F("blueprint__number"))
        .order_by("system__sort", "system__code")
    )


def rollouts(scope: Scope, blueprint: Blueprint) -> list[Rollout]:
    """Return what was applied lately within the scope (套用记录)."""
    rows = Rollout.objects.filter(
        within(scope, VIEW, "placement__system__org__path"), placement__blueprint=blueprint
    )
    return list(rows.select_related("placement__system")[:100])


def get_rollout(scope: Scope, pk: int, permission: str = VIEW) -> Rollout:
    """Return one application.

    Raises:
        NotFound: none within the scope.
    """
    rows = Rollout.objects.filter(within(scope, permission, "placement__system__org__path"), pk=pk)
    found = rows.select_related("placement__system__org", "placement__blueprint").first()
    if found is None:
        raise NotFound("没有这条套用记录。", "它可能不在您的管理范围内。")
    return found


def sites(scope: Scope, ids: Iterable[int]) -> list[rules.Site]:
    """Return these assets as templates see them, within the scope of editing; one query."""
    rows = Asset.objects.filter(within(scope, EDIT), pk__in=list(ids)).select_related("type").order_by("code")
    return [rules.Site(a.pk, a.code, a.name, a.type.code, a.attributes) for a in rows]


def asset_types() -> dict[str, str]:
    """Return the names of the types of assets by their codes (资产类型); one query."""
    return dict(current_types().values_list("code", "name"))


def asset_choices(scope: Scope, types: Iterable[str]) -> list[tuple[int, str]]:
    """Return the assets of these types that the actor may choose (可选资产)."""
    rows = Asset.objects.filter(within(scope, EDIT), type__code__in=list(types), state="in_use")
    return [
        (pk, f"{kind}：{name}（{code}）")
        for pk, code, name, kind in rows.order_by("type__code", "code").values_list(
            "pk", "code", "name", "type__name"
        )[:2000]
    ]


def plan(
    scope: Scope, now: datetime, blueprint: Blueprint, content: Mapping[str, Any], orders: Sequence[Order]
) -> list[Plan]:
    """Return what applying this content to these systems would do (变化预览); nothing is stored.

    Four queries for any number of systems and assets.
    """
    known = {site.id: site for site in sites(scope, {pk for order in orders for pk in order.assets})}
    held_placements = {
        one.system_id: one
        for one in Placement.objects.filter(blueprint=blueprint, system__in=[o.system.pk for o in orders])
    }
    placed: dict[int, list[PlacedCheck]] = {}
    for row in PlacedCheck.objects.filter(
        placement__in=[p.pk for p in held_placements.values()]
    ).select_related("check_row__system__org"):
        placed.setdefault(row.placement_id, []).append(row)
    made = []
    for order in orders:
        placement = held_placements.get(order.system.pk)
        rows = placed.get(placement.pk, []) if placement else []
        own = [known[pk] for pk in order.assets if pk in known]
        made.append(_plan(now, order, content, own, placement, rows))
    return made


def _plan(
    now: datetime,
    order: Order,
    content: Mapping[str, Any],
    own: Sequence[rules.Site],
    placement: Placement | None,
    rows: Sequence[PlacedCheck],
) -> Plan:
    system = order.system
    wanted, missing = rules.expand(content, own, order.answers)
    held = {
        row.slot: rules.Held(
            row.check_row_id,
            row.check_row.code,
            row.baseline,
            None if row.check_row.archived_at else facts_of(row.check_row),
        )
        for row in rows
    }
    drafts: dict[str, tuple[Check, Fit]] = {}
    problems: list[str] = []
    for one in wanted:
        try:
            drafts[one.slot] = draft(system, _definition(system, one), now)
        except BadInput as error:
            problems.append(f"{one.entry.get('name') or one.slot}：{error.what}{error.todo}")
    codes = {slot: have.code for slot, have in held.items() if have.now is not None and slot in drafts}
    codes |= {slot: check.code for slot, (check, _) in drafts.items() if slot not in held}
    tree = rules.tree_of(wanted, codes)
    own_tree = system.tree is None or (placement is not None and system.tree == placement.tree)
    after = tree if own_tree else system.tree
    pinned = () if own_tree or not system.tree else {leaf.code for leaf in leaves(parse_tree(system.tree))}
    steps = rules.compare({slot: facts_of(check) for slot, (check, _) in drafts.items()}, held, pinned=pinned)
    note = "" if own_tree else "健康树已被人工改过，不改动"
    return Plan(
        system, placement, steps, missing, problems, wanted, drafts, system.tree, after, note,
        order.answers, [site.id for site in own],
    )  # fmt: skip


def _definition(system: MonitoredSystem, one: rules.Wanted) -> Definition:
    """Return an entry as a check's definition; numbers were text when a placeholder filled them."""
    given = {name: value for name, value in one.entry.items() if name in _GIVEN}
    for name in ("interval_s", "retry_interval_s", "timeout_s"):
        if name in given:
            given[name] = float(given[name])
    interval = float(given.get("interval_s", 60))
    given.setdefault("retry_interval_s", min(10.0, interval))
    code = f"{system.code}-{one.slot}".lower().replace("@", "-").replace("_", "-")
    given |= {"code": code[:CODE_LENGTH], "asset_id": one.asset, "name": str(given.get("name", ""))[:120]}
    given["conditions"] = tuple(given.get("conditions", ()))
    given["warnings"] = tuple(given.get("warnings", ()))
    return Definition(**given)


def orders_of(rows: Sequence[Placement]) -> list[Order]:
    """Return what re-applying to these places asks for: the same assets and answers."""
    return [Order(row.system, row.assets, row.answers) for row in rows]
