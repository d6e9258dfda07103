"""API tokens (接口令牌): keys for programs, shown once, kept as a hash, narrower than who made them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope, TaxopsError
from taxops.platform.identity import permissions as known
from taxops.platform.identity import rules
from taxops.platform.identity.models import ApiToken, OrgUnit, Person, PersonKind
from taxops.platform.identity.policy import policy_at

from . import trail
from .scopes import scope_for

PERMISSION = "identity.token"
USED_EVERY = timedelta(minutes=1)
"""`last_used_at` is written at most this often."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class TokenRefused(TaxopsError):
    """The token cannot be used (令牌无效)."""

    code = "token_unknown"
    status = 401

    def __init__(self, code: str, what: str, todo: str) -> None:
        super().__init__(what, todo)
        self.code = code


def new_text() -> tuple[str, str]:
    """Return a fresh prefix and the whole token: the prefix finds it, 32 random bytes prove it."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return prefix, f"taxops_{prefix}_{secrets.token_urlsafe(32)}"


def digest_of(text: str) -> str:
    """Return what is stored of a token: it is random, so a fast hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


def _require_rights(scope: Scope, org: OrgUnit, codes: Sequence[str]) -> list[str]:
    wanted = sorted(set(codes))
    if not wanted:
        raise BadInput("没有选择权限。", "令牌至少要有一项权限。", field="permissions")
    known.require_known(wanted)
    never = [code for code in wanted if code in rules.NOT_FOR_TOKENS]
    if never:
        said = "、".join(known.label(code) for code in never)
        raise BadInput(
            f"令牌不能持有「{said}」：身份管理必须由人办理。", "请去掉这些权限。", field="permissions"
        )
    lacking = [code for code in wanted if not scope.allows(code, org.path)]
    if lacking:
        said = "、".join(known.label(code) for code in lacking)
        raise NotPermitted(f"您在「{org}」没有「{said}」，不能授予令牌。", "令牌的权限不能超过本人的权限。")
    return wanted


def _service_account(org: OrgUnit, name: str, prefix: str, now: datetime) -> Person:
    """Return a fresh account for a token that no person stands behind (服务账户)."""
    return Person.objects.create(
        username=f"svc-{prefix}",
        display_name=name[:40],
        pinyin=rules.name_key(name)[:160],
        org=org,
        kind=PersonKind.SERVICE.value,
        created_at=now,
        must_change_password=False,
    )


@transaction.atomic
def create_token(
    scope: Scope,
    *,
    now: datetime,
    name: str,
    permissions: Sequence[str],
    org: OrgUnit,
    expires_at: datetime,
) -> tuple[ApiToken, str]:
    """Make a token (创建令牌) and return it with its text, which is never shown again.

    The platform itself (command line) makes one for a new service account; a person's token can do only
    what he himself still can.

    Raises:
        NotPermitted: the actor may not make tokens there, lacks a permission, or is a program.
        BadInput: no name, unknown or forbidden permissions, or an expiry in the past or too far away.
        Conflict: the organisation is closed.
    """
    if scope.via == "api":
        raise NotPermitted("程序不能创建令牌。", "请登录页面创建。")
    scope.require(PERMISSION, org.path)
    name = name.strip()
    if not name or len(name) > 60:
        raise BadInput("令牌名称没有填写，或超过 60 个字。", "请写明用途，例如「城区探测器」。", field="name")
    wanted = _require_rights(scope, org, permissions)
    longest = policy_at(now).token_max
    if not now < expires_at <= now + longest + timedelta(hours=24):
        raise BadInput(
            f"到期时间必须在今后 {longest.days} 天之内。",
            "例如 30d；到期前可以再建一个替换。",
            field="expires_at",
        )
    if org.valid_to is not None:
        raise Conflict(f"机构「{org}」已撤销。", "请选择存续的机构。", field="org")
    prefix, text = new_text()
    person = (
        Person.objects.get(pk=scope.actor_id)
        if scope.actor_id is not None
        else _service_account(org, name, prefix, now)
    )
    made = ApiToken.objects.create(
        name=name,
        prefix=prefix,
        digest=digest_of(text),
        person=person,
        created_by=scope.actor_name[:80],
        org=org,
        permissions=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    trail.note_token(scope, now, "created", made, None, trail.token_values(made))
    return made, text


@transaction.atomic
def revoke_token(scope: Scope, held: ApiToken, *, now: datetime) -> ApiToken:
    """End a token (作废令牌) at this moment: one's own, or any within the actor's scope.

    Raises:
        NotFound: neither.
        Conflict: it is revoked already.
    """
    found = (
        ApiToken.objects.select_for_update(of=("self",))
        .select_related("person", "org")
        .filter(pk=held.pk)
        .first()
    )
    mine = found is not None and scope.actor_id == found.person_id
    if found is None or not (mine or scope.allows(PERMISSION, found.org.path)):
        raise NotFound("没有这个令牌，或不在您的管理范围内。", "请刷新列表后重试。")
    if found.revoked_at is not None:
        raise Conflict("这个令牌已经作废。", "无需再次作废。")
    found.revoked_at, found.revoked_by = now, scope.actor_name[:80]
    found.save(update_fields=["revoked_at", "revoked_by"])
    trail.note_token(scope, now, "revoked", found, {"状态": "有效"}, {"状态": "已作废"})
    return found


def authenticate(text: str, *, now: datetime, address: str = "") -> tuple[Person, Scope]:
    """Return who stands behind a token and what it may do (令牌认证): its permissions at its organisation.

    A person's token is narrowed to what he himself may still do; it dies with his account.

    Raises:
        TokenRefused: unknown, revoked or expired, or its holder's account is closed.
    """
    parts = text.split("_", 2)
    prefix = parts[1] if len(parts) == 3 and parts[0] == "taxops" else ""
    held = ApiToken.objects.select_related("person__org", "org").filter(prefix=prefix[:12]).first()
    if held is None or not hmac.compare_digest(held.digest, digest_of(text)):
        raise TokenRefused(
            "token_unknown", "接口令牌不正确。", "请核对是否完整复制；遗失的令牌只能重新创建。"
        )
    if held.revoked_at is not None:
        raise TokenRefused("token_revoked", f"接口令牌「{held.name}」已作废。", "请向创建人申请新的令牌。")
    if now >= held.expires_at:
        raise TokenRefused("token_expired", f"接口令牌「{held.name}」已过期。", "请创建新的令牌替换。")
    if not held.person.is_active:
        raise TokenRefused(
            "token_owner", f"接口令牌「{held.name}」的持有人账户已停用。", "请由在用人员重新创建。"
        )
    grants = dict.fromkeys(held.permissions, (held.org.path,))
    if held.person.kind == PersonKind.PERSON:
        own = scope_for(held.person, now=now)
        grants = {code: paths for code, paths in grants.items() if own.allows(code, held.org.path)}
    ApiToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY), pk=held.pk).update(
        last_used_at=now, last_used_from=address[:45]
    )
    scope = Scope(held.person.pk, f"{held.name}（令牌）", grants=grants, address=address, via="api")
    return held.person, scope
