"""Changing the organisation tree (机构维护): found, edit, move, merge, close; every change with its history."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Length, Substr

from taxops.engines.base import CHINA, BadInput, Conflict, NotFound, Scope
from taxops.platform.identity import rules
from taxops.platform.identity.models import OrgChange, OrgChangeKind, OrgUnit, Person, RoleAssignment

from . import trail

PERMISSION = "identity.org"


def locked_tree(*codes: str | None) -> list[OrgUnit]:
    """Return the units of these codes, with the whole tree locked until the transaction ends.

    The roots are locked first: two moves at once could else make a loop that neither sees.

    Raises:
        NotFound: there is no unit of one of the codes.
    """
    list(OrgUnit.objects.select_for_update().filter(parent=None).order_by("pk").values_list("pk"))
    wanted = [code for code in codes if code]
    found = {unit.code: unit for unit in OrgUnit.objects.filter(code__in=wanted)}
    for code in wanted:
        if code not in found:
            raise NotFound(
                f"没有代码为「{code}」的机构。", "请核对机构代码，或先建立该机构。", field="parent"
            )
    return [found[code] for code in wanted]


def _note_change(
    scope: Scope, now: datetime, org: OrgUnit, kind: OrgChangeKind, on: date, before: trail.Values | None
) -> None:
    """Write one change to the unit's history and to the trail."""
    after = trail.org_values(org)
    OrgChange.objects.create(
        org=org, kind=kind.value, effective_on=on, entered_at=now, actor_name=scope.actor_name,
        before=before or {}, after=after,
    )  # fmt: skip
    trail.note_org(scope, now, kind.value, org, before, after)


def _require_day(day: date, now: datetime, *, field: str) -> date:
    if day > now.astimezone(CHINA).date():
        raise BadInput(f"日期 {day} 在今天之后。", "请填写今天或以前的日期。", field=field)
    return day


def _require_placing(level: str, parent: OrgUnit | None) -> None:
    wrong = rules.placing_problem(level, parent.level if parent else None)
    if wrong:
        raise BadInput(wrong, "请选择合适的上级机构或层级。", field="parent")
    if parent is not None and parent.valid_to is not None:
        raise Conflict(
            f"上级机构「{parent}」已于 {parent.valid_to} 撤销。", "请选择仍在运行的上级机构。", field="parent"
        )


@transaction.atomic
def create_org(
    scope: Scope,
    *,
    now: datetime,
    code: str,
    name: str,
    level: str,
    parent: str | None,
    valid_from: date,
    short_name: str = "",
) -> OrgUnit:
    """Found an organisation (设立机构) below the unit of code `parent`.

    Raises:
        NotPermitted: outside the actor's scope; a root is founded by the platform alone.
        BadInput: code, name, level or date cannot be.
        NotFound: no such parent.
        Conflict: the code is taken, or the parent is closed.
    """
    code = code.strip().upper()
    wrong = rules.code_problem(code)
    if wrong:
        raise BadInput(wrong, "请按税务机关代码填写。", field="code")
    if not name.strip():
        raise BadInput("没有填写机构名称。", "请填写机构全称。", field="name")
    above = next(iter(locked_tree(parent)), None)
    scope.require(PERMISSION, above.path if above else "")
    _require_placing(level, above)
    org = OrgUnit(
        code=code,
        name=name.strip(),
        short_name=short_name.strip(),
        level=level,
        parent=above,
        path=rules.subtree_path(above.path if above else "", code),
        pinyin=rules.name_key(name),
        valid_from=_require_day(valid_from, now, field="valid_from"),
    )
    try:
        with transaction.atomic():
            org.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            f"机构代码 {code} 已被使用。", "代码一经使用不再分配给别的机构，请换一个。", field="code"
        ) from error
    _note_change(scope, now, org, OrgChangeKind.CREATED, org.valid_from, None)
    return org


@transaction.atomic
def edit_org(
    scope: Scope,
    org: OrgUnit,
    *,
    now: datetime,
    name: str,
    short_name: str = "",
    valid_from: date | None = None,
    effective_on: date | None = None,
) -> OrgUnit:
    """Change the name (更名) and the founding day of an organisation; its code never changes.

    Raises:
        NotPermitted: outside the actor's scope.
        BadInput: no name, or a date that cannot be.
    """
    org = locked_tree(org.code)[0]
    scope.require(PERMISSION, org.path)
    if not name.strip():
        raise BadInput("没有填写机构名称。", "请填写机构全称。", field="name")
    before = trail.org_values(org)
    renamed = org.name != name.strip()
    org.name, org.short_name, org.pinyin = name.strip(), short_name.strip(), rules.name_key(name)
    org.valid_from = _require_day(valid_from or org.valid_from, now, field="valid_from")
    if org.valid_to is not None and org.valid_to <= org.valid_from:
        raise BadInput("成立日期必须早于撤销日期。", "请核对成立日期。", field="valid_from")
    if trail.org_values(org) == before:
        return org
    org.save(update_fields=["name", "short_name", "pinyin", "valid_from"])
    on = _require_day(effective_on or now.astimezone(CHINA).date(), now, field="effective_on")
    _note_change(scope, now, org, OrgChangeKind.RENAMED if renamed else OrgChangeKind.EDITED, on, before)
    return org


def rewrite_paths(old: str, new: str) -> int:
    """Give every unit below `old`, itself included, its path below `new`; return how many there were."""
    return OrgUnit.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr(F("path"), Length(Value(old)) + 1))
    )


def _move(scope: Scope, now: datetime, org: OrgUnit, to: OrgUnit | None, on: date) -> None:
    """Hang a unit under another parent and rewrite the paths of all below; within the caller's transaction.

    Raises:
        Conflict: the new parent lies below the unit itself; the loop is named.
        BadInput: the levels do not fit, or the path grows too long.
    """
    if to is not None and to.path.startswith(org.path):
        loop = to.path[len(org.path) - len(org.code) - 1 :].strip("/").split("/")
        raise Conflict(
            f"不能移到自己的下级：{' → '.join([*reversed(loop), loop[-1]])}。",
            "请选择其他上级机构。",
            field="parent",
        )
    _require_placing(org.level, to)
    before, old = trail.org_values(org), org.path
    new = rules.subtree_path(to.path if to else "", org.code)
    longest = max(
        len(path) for path in OrgUnit.objects.filter(path__startswith=old).values_list("path", flat=True)
    )
    if longest - len(old) + len(new) > rules.MAX_PATH:
        raise BadInput("移动后层级过深。", "请选择层级较高的上级机构。", field="parent")
    org.parent, org.path = to, new
    OrgUnit.objects.filter(pk=org.pk).update(parent=to)
    rewrite_paths(old, new)
    _note_change(scope, now, org, OrgChangeKind.MOVED, on, before)


@transaction.atomic
def move_org(
    scope: Scope, org: OrgUnit, *, now: datetime, to: str, effective_on: date | None = None
) -> OrgUnit:
    """Hang an organisation, with all below it, under another parent (调整隶属).

    Raises:
        NotPermitted: the unit or the new parent is outside the actor's scope.
        NotFound: no such parent.
        Conflict: the new parent lies below the unit, or is closed.
        BadInput: the levels do not fit.
    """
    org, parent = locked_tree(org.code, to)
    scope.require(PERMISSION, org.path)
    scope.require(PERMISSION, parent.path)
    if org.parent_id == parent.pk:
        return org
    on = _require_day(effective_on or now.astimezone(CHINA).date(), now, field="effective_on")
    _move(scope, now, org, parent, on)
    return org


def _end_assignments(org: OrgUnit, now: datetime, actor_id: int | None) -> int:
    """Take back what is held over exactly this unit; the security administrator grants anew."""
    held = RoleAssignment.objects.filter(Q(valid_to=None) | Q(valid_to__gt=now), org=org)
    scheduled = held.filter(valid_from__gt=now).update(valid_to=F("valid_from"), revoked_by=actor_id)
    return scheduled + held.filter(valid_from__lte=now).update(valid_to=now, revoked_by=actor_id)


@transaction.atomic
def merge_org(
    scope: Scope, org: OrgUnit, *, now: datetime, into: str, effective_on: date | None = None
) -> OrgUnit:
    """Merge an organisation into another (撤并): its people and the units below go there; it stays as history.

    Roles held over the merged unit end: being merged must not widen what anybody may do.

    Raises:
        NotPermitted: either unit is outside the actor's scope.
        NotFound: no such target.
        Conflict: the target is the unit itself, lies below it or is closed; or the unit is closed already.
        BadInput: units below do not fit under the target.
    """
    org, target = locked_tree(org.code, into)
    scope.require(PERMISSION, org.path)
    scope.require(PERMISSION, target.path)
    if target.path.startswith(org.path):
        raise Conflict("不能并入自己或自己的下级机构。", "请选择其他机构。", field="into")
    if org.valid_to is not None or target.valid_to is not None:
        raise Conflict(
            f"「{org if org.valid_to else target}」已经撤销。", "只能在存续的机构之间撤并。", field="into"
        )
    on = _closing_day(org, now, effective_on)
    for child in OrgUnit.objects.filter(parent=org, valid_to=None).order_by("code"):
        _move(scope, now, child, target, on)
    Person.objects.filter(org=org).update(org=target)
    _end_assignments(org, now, scope.actor_id)
    before = trail.org_values(org)
    org.valid_to, org.successor = on, target
    org.save(update_fields=["valid_to", "successor"])
    _note_change(scope, now, org, OrgChangeKind.MERGED, on, before)
    return org


def _closing_day(org: OrgUnit, now: datetime, day: date | None) -> date:
    on = _require_day(day or now.astimezone(CHINA).date(), now, field="effective_on")
    if on <= org.valid_from:
        raise BadInput("撤销日期必须晚于成立日期。", f"该机构成立于 {org.valid_from}。", field="effective_on")
    return on


@transaction.atomic
def close_org(scope: Scope, org: OrgUnit, *, now: datetime, effective_on: date | None = None) -> OrgUnit:
    """Close an organisation that is empty (撤销); units are never deleted.

    Raises:
        NotPermitted: outside the actor's scope.
        Conflict: units or people are still there, or it is closed already.
    """
    org = locked_tree(org.code)[0]
    scope.require(PERMISSION, org.path)
    if org.valid_to is not None:
        raise Conflict(f"「{org}」已于 {org.valid_to} 撤销。", "无需再次撤销。")
    children = OrgUnit.objects.filter(parent=org, valid_to=None).count()
    people = Person.objects.filter(org=org, is_active=True).count()
    if children or people:
        raise Conflict(
            f"「{org}」还有 {children} 个下级机构、{people} 名在用人员，不能撤销。",
            "请先调整下级机构和人员，或改用「并入」。",
        )
    before = trail.org_values(org)
    org.valid_to = _closing_day(org, now, effective_on)
    org.save(update_fields=["valid_to"])
    _end_assignments(org, now, scope.actor_id)
    _note_change(scope, now, org, OrgChangeKind.CLOSED, org.valid_to, before)
    return org
