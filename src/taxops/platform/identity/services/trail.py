"""How acts on identities are written to the trail (审计日志): plain values of each noun, before and after."""

from __future__ import annotations

from datetime import datetime

from taxops.engines.base import Scope
from taxops.platform.audit.services import record
from taxops.platform.identity.models import ApiToken, OrgUnit, Person, Role, RoleAssignment

Values = dict[str, object]


def org_values(org: OrgUnit) -> Values:
    """Return what the trail keeps of an organisation (机构)."""
    return {
        "机构代码": org.code,
        "机构名称": org.name,
        "简称": org.short_name,
        "层级": org.level_label,
        "代码路径": org.path,
        "成立日期": org.valid_from.isoformat(),
        "撤销日期": org.valid_to.isoformat() if org.valid_to else "",
    }


def person_values(person: Person) -> Values:
    """Return what the trail keeps of a person (人员); nothing of his secrets."""
    return {
        "用户名": person.username,
        "姓名": person.display_name,
        "所属机构": person.org.code,
        "职务": person.title,
        "手机": person.phone,
        "邮箱": person.email,
        "在用": person.is_active,
    }


def role_values(role: Role) -> Values:
    """Return what the trail keeps of a role (角色)."""
    return {
        "角色名称": role.name,
        "类别": role.get_kind_display(),
        "权限": sorted(role.permissions),
        "在用": role.is_active,
    }


def assignment_values(held: RoleAssignment) -> Values:
    """Return what the trail keeps of an assignment (授权)."""
    return {
        "人员": held.person.username,
        "角色": held.role.name,
        "机构范围": held.org.code,
        "生效时间": held.valid_from,
        "失效时间": held.valid_to or "",
        "授权理由": held.reason,
    }


def token_values(held: ApiToken) -> Values:
    """Return what the trail keeps of an API token (接口令牌); never the token."""
    return {
        "名称": held.name,
        "前缀": held.prefix,
        "持有人": held.person.username,
        "机构范围": held.org.code,
        "权限": sorted(held.permissions),
        "到期时间": held.expires_at,
    }


def note_org(
    scope: Scope, now: datetime, verb: str, org: OrgUnit, before: Values | None, after: Values | None
) -> None:
    """Write an act on an organisation to the trail."""
    record(
        scope, now=now, action=f"identity.org_{verb}", kind="org", object_id=org.pk, label=str(org),
        before=before, after=after, org_path=org.path,
    )  # fmt: skip


def note_person(
    scope: Scope, now: datetime, verb: str, person: Person, before: Values | None, after: Values | None
) -> None:
    """Write an act on a person to the trail."""
    record(
        scope, now=now, action=f"identity.{verb}", kind="person", object_id=person.pk,
        label=f"{person.display_name}（{person.username}）", before=before, after=after,
        org_path=person.org.path,
    )  # fmt: skip


def note_role(
    scope: Scope, now: datetime, verb: str, role: Role, before: Values | None, after: Values
) -> None:
    """Write an act on a role to the trail."""
    record(
        scope, now=now, action=f"identity.role_{verb}", kind="role", object_id=role.pk, label=role.name,
        before=before, after=after,
    )  # fmt: skip


def note_assignment(
    scope: Scope, now: datetime, verb: str, held: RoleAssignment, before: Values | None, after: Values | None
) -> None:
    """Write an act on an assignment to the trail, under the person it concerns."""
    record(
        scope, now=now, action=f"identity.{verb}", kind="person", object_id=held.person_id,
        label=f"{held.person.display_name}：{held.role.name}", before=before, after=after,
        org_path=held.org.path,
    )  # fmt: skip


def note_token(
    scope: Scope, now: datetime, verb: str, held: ApiToken, before: Values | None, after: Values | None
) -> None:
    """Write an act on an API token to the trail."""
    record(
        scope, now=now, action=f"identity.key_{verb}", kind="api_key", object_id=held.pk,
        label=f"{held.name}（{held.prefix}…）", before=before, after=after, org_path=held.org.path,
    )  # fmt: skip
