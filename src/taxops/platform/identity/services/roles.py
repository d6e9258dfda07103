"""Roles (角色) and granting them (授权): within one's own scope, never to oneself, never two administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.identity import guards, permissions, rules
from taxops.platform.identity.models import OrgUnit, Person, Role, RoleAssignment, RoleKind
from taxops.platform.identity.policy import seeded_roles

from . import trail

PERMISSION = "identity.grant"


def _clash() -> Conflict:
    return Conflict(
        "系统管理员、安全管理员、审计管理员三员互斥，同一人不能同时担任其中两种。",
        "请先收回原有的管理员角色，或授予另一名人员。",
        field="role",
    )


def _translated(error: IntegrityError) -> Exception:
    """Return the database's refusal as an error for people; what is not a known refusal stays as it is."""
    text = str(error)
    if guards.MARK in text:
        return _clash()
    if "identity_assignment_not_self" in text:
        return _not_to_oneself()
    return error


def _not_to_oneself() -> NotPermitted:
    return NotPermitted("不得给自己授权。", "请由另一位安全管理员办理。")


def _require_everywhere(scope: Scope) -> None:
    """Do nothing when the actor grants over the whole tree: a role's content concerns all of it.

    Raises:
        NotPermitted: he does not.
    """
    scope.require(PERMISSION)
    for path in OrgUnit.objects.filter(parent=None).values_list("path", flat=True):
        scope.require(PERMISSION, path)


def _require_content(kind: str, codes: Sequence[str]) -> list[str]:
    permissions.require_known(list(codes))
    if kind not in {entry.value for entry in RoleKind}:
        raise BadInput(f"没有「{kind[:20]}」这种角色类别。", "请从列表中选择。", field="kind")
    wrong = rules.reserved_problems(kind, codes)
    if wrong:
        said = "、".join(f"「{permissions.label(code)}」只能授予{owner.label}" for code, owner in wrong)
        raise BadInput(f"三员分立：{said}。", "请去掉这些权限，或改用相应类别的角色。", field="permissions")
    return sorted(set(codes))


@transaction.atomic
def create_role(
    scope: Scope,
    *,
    now: datetime,
    code: str,
    name: str,
    permissions: Sequence[str],
    kind: str = RoleKind.NORMAL,
    note: str = "",
) -> Role:
    """Make a role (新建角色).

    Raises:
        NotPermitted: the actor does not grant over the whole tree.
        BadInput: unknown permissions, or ones reserved for an administrator (三员专属).
        Conflict: code or name is taken.
    """
    _require_everywhere(scope)
    code, name = code.strip(), name.strip()
    if not code.replace("_", "a").isascii() or not code.replace("_", "a").isalnum() or len(code) > 40:
        raise BadInput("角色代码只能由字母、数字和下划线组成。", "例如 hall_manager。", field="code")
    if not name or len(name) > 40:
        raise BadInput("角色名称没有填写，或超过 40 个字。", "请填写角色名称。", field="name")
    role = Role(
        code=code, name=name, kind=str(kind), note=note.strip()[:200],
        permissions=_require_content(str(kind), permissions),
    )  # fmt: skip
    try:
        with transaction.atomic():
            role.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"角色代码「{code}」或名称「{name}」已被使用。", "请换一个。", field="code") from error
    trail.note_role(scope, now, "created", role, None, trail.role_values(role))
    return role


@transaction.atomic
def edit_role(
    scope: Scope,
    role: Role,
    *,
    now: datetime,
    name: str,
    permissions: Sequence[str],
    kind: str | None = None,
    note: str = "",
    is_active: bool = True,
) -> Role:
    """Change what a role may do (修改角色权限); it works for its holders from the next request.

    Raises:
        NotPermitted: the actor does not grant over the whole tree, or holds this very role.
        BadInput: unknown or reserved permissions.
        Conflict: the name is taken, or the new kind would give somebody two administrator roles.
    """
    _require_everywhere(scope)
    role = Role.objects.select_for_update().get(pk=role.pk)
    before = trail.role_values(role)
    wanted = _require_content(str(kind or role.kind), permissions)
    if set(wanted) - set(role.permissions) and _holds(scope, role, now):
        raise NotPermitted("不得给自己担任的角色增加权限。", "请由另一位安全管理员办理。")
    if not name.strip() or len(name.strip()) > 40:
        raise BadInput("角色名称没有填写，或超过 40 个字。", "请填写角色名称。", field="name")
    role.is_edited = role.is_edited or wanted != sorted(role.permissions) or is_active != role.is_active
    role.name, role.note, role.permissions = name.strip(), note.strip()[:200], wanted
    role.kind, role.is_active = str(kind or role.kind), is_active
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        translated = _translated(error)
        if translated is error:
            translated = Conflict(f"角色名称「{name}」已被使用。", "请换一个。", field="name")
        raise translated from error
    trail.note_role(scope, now, "edited", role, before, trail.role_values(role))
    return role


def _holds(scope: Scope, role: Role, now: datetime) -> bool:
    if scope.actor_id is None:
        return False
    return RoleAssignment.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=now), role=role, person_id=scope.actor_id
    ).exists()


@transaction.atomic
def grant(
    scope: Scope,
    *,
    now: datetime,
    person: Person,
    role: Role,
    org: OrgUnit,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    reason: str = "",
) -> RoleAssignment:
    """Give a role over an organisation's subtree (授权), now or from a later time on.

    Raises:
        NotPermitted: to oneself, or outside the actor's scope.
        NotFound: the person is outside the actor's scope.
        BadInput: the validity is empty or lies in the past.
        Conflict: he holds an excluding administrator role (三员互斥) or this one already, or is not active.
    """
    scope.require(PERMISSION, org.path)
    if person.pk == scope.actor_id:
        raise _not_to_oneself()
    person = Person.objects.select_for_update(of=("self",)).select_related("org").get(pk=person.pk)
    if not scope.allows(PERMISSION, person.org.path):
        raise NotFound("没有这个人员，或不在您的管理范围内。", "请核对姓名和所属机构。")
    start = valid_from or now
    _require_validity(start, valid_to, now)
    if not person.is_active or not role.is_active or org.valid_to is not None:
        raise Conflict("人员或角色已停用，或机构已撤销，不能授权。", "请核对后重试。")
    held = RoleAssignment.objects.filter(person=person).select_related("role")
    if any(
        other.role_id == role.pk
        and other.org_id == org.pk
        and rules.overlaps(start, valid_to, other.valid_from, other.valid_to)
        for other in held
    ):
        raise Conflict(
            f"{person.display_name}在这段时间已经担任「{role.name}」（{org}）。", "如需延期，请先收回原授权。"
        )
    if rules.clash_of_administrators(
        rules.Held(role.kind, start, valid_to),
        [rules.Held(other.role.kind, other.valid_from, other.valid_to) for other in held],
    ):
        raise _clash()
    made = RoleAssignment(
        person=person, role=role, org=org, valid_from=start, valid_to=valid_to,
        granted_by_id=scope.actor_id, granted_at=now, reason=reason.strip()[:200],
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:  # somebody granted the excluding role at the same moment
        raise _translated(error) from error
    trail.note_assignment(scope, now, "granted", made, None, trail.assignment_values(made))
    return made


def _require_validity(start: datetime, end: datetime | None, now: datetime) -> None:
    if end is not None and end <= max(start, now):
        raise BadInput("失效时间必须晚于生效时间和现在。", "请核对有效期。", field="valid_to")
    if (now - start).total_seconds() > 60:
        raise BadInput("生效时间不能早于现在。", "授权不能倒签，请从现在或以后开始。", field="valid_from")


@transaction.atomic
def revoke(scope: Scope, held: RoleAssignment, *, now: datetime, reason: str = "") -> RoleAssignment:
    """Take a role back (收回授权) at this moment; one that has not begun never does.

    Raises:
        NotPermitted: it is one's own.
        NotFound: outside the actor's scope.
        Conflict: it has ended already.
    """
    found = (
        RoleAssignment.objects.select_for_update(of=("self",))
        .select_related("person__org", "role", "org")
        .filter(pk=held.pk)
        .first()
    )
    scope.require(PERMISSION)
    if found is None or not scope.allows(PERMISSION, found.org.path):
        raise NotFound("没有这条授权，或不在您的管理范围内。", "请刷新列表后重试。")
    if found.person_id == scope.actor_id:
        raise NotPermitted("不得收回或变更自己的授权。", "请由另一位安全管理员办理。")
    if found.valid_to is not None and found.valid_to <= now:
        raise Conflict("这条授权已经失效。", "无需收回。")
    before = trail.assignment_values(found)
    found.valid_to = max(now, found.valid_from)
    found.revoked_by_id = scope.actor_id
    found.save(update_fields=["valid_to", "revoked_by"])
    after = {**trail.assignment_values(found), "收回理由": reason}
    trail.note_assignment(scope, now, "revoked", found, before, after)
    return found


@transaction.atomic
def seed_roles(scope: Scope, *, now: datetime) -> int:
    """Store the built-in roles (内置角色) and return how many changed; roles that people edited stay so.

    Raises:
        NotPermitted: anybody but the platform asks.
    """
    if not scope.is_system:
        raise NotPermitted("内置角色由平台自身写入。", "请用命令行初始化。")
    known = {role.code: role for role in Role.objects.all()}
    changed = 0
    for position, entry in enumerate(seeded_roles()):
        role = known.get(entry["code"]) or Role(code=entry["code"])
        before = trail.role_values(role) if role.pk else None
        wanted = sorted(entry["permissions"])
        if role.pk and (role.is_edited or (role.permissions == wanted and role.is_seeded)):
            continue
        role.name, role.note = entry["name"], entry.get("note", "")
        role.kind = entry.get("kind", RoleKind.NORMAL.value)
        role.permissions, role.is_seeded, role.position = wanted, True, position
        role.save()
        trail.note_role(scope, now, "seeded", role, before, trail.role_values(role))
        changed += 1
    return changed
