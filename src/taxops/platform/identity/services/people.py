"""Keeping accounts (人员管理): create, edit, transfer, leave and return; never delete."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.identity import rules
from taxops.platform.identity.models import (
    ApiToken,
    LoginAttempt,
    LoginOutcome,
    OrgUnit,
    Person,
    PersonKind,
    PersonSession,
    RoleAssignment,
    SessionEnd,
)

from . import trail
from .passwords import give_password, temporary_password

PERMISSION = "identity.people"

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")


def locked_person(scope: Scope, person: Person, permission: str = PERMISSION) -> Person:
    """Return a person as stored now, locked until the transaction ends, when `permission` holds at him.

    Raises:
        NotFound: he is outside the scope (whoever may not see him does not learn that he exists).
    """
    found = Person.objects.select_for_update(of=("self",)).select_related("org").filter(pk=person.pk).first()
    scope.require(permission)
    if found is None or not scope.allows(permission, found.org.path):
        raise NotFound("没有这个人员，或不在您的管理范围内。", "请核对姓名和所属机构。")
    return found


def _require_details(username: str, display_name: str, phone: str, email: str) -> None:
    if not _USERNAME.fullmatch(username):
        raise BadInput(
            f"「{username[:20]}」不能作为用户名。",
            "用户名为 2 到 64 位字母、数字、点、横线或下划线，以字母或数字开头。",
            field="username",
        )
    if not display_name or len(display_name) > 40:
        raise BadInput("姓名没有填写，或超过 40 个字。", "请填写姓名。", field="display_name")
    if phone and not _PHONE.fullmatch(phone):
        raise BadInput(f"「{phone[:20]}」不是电话号码。", "请填写 11 位手机号或带区号的电话。", field="phone")
    if email and not _EMAIL.fullmatch(email):
        raise BadInput(f"「{email[:40]}」不是邮箱地址。", "请按 name@example.cn 的样式填写。", field="email")


def _require_open(org: OrgUnit) -> None:
    if org.valid_to is not None:
        raise Conflict(f"机构「{org}」已于 {org.valid_to} 撤销。", "请选择存续的机构。", field="org")


@transaction.atomic
def create_person(
    scope: Scope,
    *,
    now: datetime,
    username: str,
    display_name: str,
    org: OrgUnit,
    phone: str = "",
    email: str = "",
    title: str = "",
    kind: str = PersonKind.PERSON,
    password: str | None = None,
    password_hash: str = "",
    must_change: bool = True,
) -> Person:
    """Open an account (建立人员).

    Args:
        password: the first one, checked against the policy; None: none yet (see `reset_password`).
        password_hash: of a password that is shared by many demonstration accounts; the platform only.
        must_change: whether he must change it at first login.

    Raises:
        NotPermitted: the organisation is outside the actor's scope.
        BadInput: user name, name, phone, e-mail or password will not do.
        Conflict: the user name is taken, letter case apart, or the organisation is closed.
    """
    scope.require(PERMISSION, org.path)
    username, display_name, phone, email = (text.strip() for text in (username, display_name, phone, email))
    _require_details(username, display_name, phone, email)
    _require_open(org)
    person = Person(
        username=username,
        display_name=display_name,
        pinyin=rules.person_key(display_name),
        org=org,
        kind=str(kind),
        phone=phone,
        email=email,
        title=title.strip(),
        created_at=now,
        must_change_password=must_change,
    )
    if password_hash:
        if not scope.is_system:
            raise NotPermitted("只有平台自身可以直接写入口令散列。", "请改为设置口令。")
        person.password, person.password_set_at = password_hash, now
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"用户名「{username}」已被使用。", "请换一个用户名。", field="username") from error
    if password is not None:
        give_password(person, password, now=now, must_change=must_change)
    trail.note_person(scope, now, "person_created", person, None, trail.person_values(person))
    return person


@transaction.atomic
def edit_person(
    scope: Scope,
    person: Person,
    *,
    now: datetime,
    display_name: str,
    org: OrgUnit,
    phone: str = "",
    email: str = "",
    title: str = "",
) -> Person:
    """Change somebody's details, or transfer him to another organisation (调动).

    What he holds stays as granted; the list of assignments finds people whose organisation lies outside
    of what they hold.

    Raises:
        NotFound: the person is outside the actor's scope.
        NotPermitted: the new organisation is.
        BadInput: name, phone or e-mail will not do.
    """
    person = locked_person(scope, person)
    scope.require(PERMISSION, org.path)
    display_name, phone, email = display_name.strip(), phone.strip(), email.strip()
    _require_details(person.username, display_name, phone, email)
    before = trail.person_values(person)
    if org.pk != person.org_id:
        _require_open(org)
    person.display_name, person.pinyin = display_name, rules.person_key(display_name)
    person.org, person.phone, person.email, person.title = org, phone, email, title.strip()
    person.save(update_fields=["display_name", "pinyin", "org", "phone", "email", "title"])
    trail.note_person(scope, now, "person_edited", person, before, trail.person_values(person))
    return person


@transaction.atomic
def edit_own_details(scope: Scope, person: Person, *, now: datetime, phone: str, email: str) -> Person:
    """Change one's own phone and e-mail (修改本人联系方式).

    Raises:
        NotPermitted: it is somebody else.
        BadInput: phone or e-mail will not do.
    """
    if scope.actor_id != person.pk or scope.via == "api":
        raise NotPermitted("只能修改本人的联系方式。", "修改他人资料请联系系统管理员。")
    person = Person.objects.select_for_update(of=("self",)).select_related("org").get(pk=person.pk)
    phone, email = phone.strip(), email.strip()
    _require_details(person.username, person.display_name, phone, email)
    before = trail.person_values(person)
    person.phone, person.email = phone, email
    person.save(update_fields=["phone", "email"])
    trail.note_person(scope, now, "person_edited", person, before, trail.person_values(person))
    return person


@transaction.atomic
def deactivate(scope: Scope, person: Person, *, now: datetime, reason: str = "") -> Person:
    """Close an account (停用): sessions end, tokens die, assignments end, all at this moment.

    Raises:
        NotFound: outside the actor's scope.
        Conflict: it is his own account.
    """
    person = locked_person(scope, person)
    if person.pk == scope.actor_id:
        raise Conflict("不能停用自己的账户。", "请由另一位系统管理员办理。")
    if not person.is_active:
        return person
    before = trail.person_values(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    PersonSession.objects.filter(person=person, ended_at=None).update(
        ended_at=now, ended_because=SessionEnd.INACTIVE.value
    )
    ApiToken.objects.filter(person=person, revoked_at=None).update(
        revoked_at=now, revoked_by=scope.actor_name
    )
    held = RoleAssignment.objects.filter(Q(valid_to=None) | Q(valid_to__gt=now), person=person)
    held.filter(valid_from__gt=now).update(valid_to=F("valid_from"))
    held.filter(valid_from__lte=now).update(valid_to=now)
    after = {**trail.person_values(person), "停用原因": reason}
    trail.note_person(scope, now, "person_deactivated", person, before, after)
    return person


@transaction.atomic
def activate(scope: Scope, person: Person, *, now: datetime) -> Person:
    """Open a closed account again (启用); roles and tokens have to be given anew.

    Raises:
        NotFound: outside the actor's scope.
    """
    person = locked_person(scope, person)
    if person.is_active:
        return person
    before = trail.person_values(person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    trail.note_person(scope, now, "person_activated", person, before, trail.person_values(person))
    return person


@transaction.atomic
def reset_password(scope: Scope, person: Person, *, now: datetime) -> str:
    """Give somebody a temporary password (重置口令) that he must change at once, and return it, once.

    Raises:
        NotFound: outside the actor's scope.
        Conflict: it is his own account, or one that is closed or not a person's.
    """
    person = locked_person(scope, person)
    if person.pk == scope.actor_id:
        raise Conflict("自己的口令请在「修改口令」页修改。", "重置用于忘记口令的其他人员。")
    if not person.is_active or person.kind != PersonKind.PERSON:
        raise Conflict("停用的账户和服务账户没有口令可重置。", "请先启用账户；服务账户请使用接口令牌。")
    password = temporary_password(person.username, now)
    give_password(person, password, now=now, must_change=True)
    PersonSession.objects.filter(person=person, ended_at=None).update(
        ended_at=now, ended_because=SessionEnd.PASSWORD.value
    )
    trail.note_person(scope, now, "person_reset", person, None, {"重置登录凭证": "已生成临时凭证"})
    return password


@transaction.atomic
def unlock(scope: Scope, person: Person, *, now: datetime) -> None:
    """Let a locked account try again at once (解锁).

    Raises:
        NotFound: outside the actor's scope.
        Conflict: it is his own account.
    """
    person = locked_person(scope, person)
    if person.pk == scope.actor_id:
        raise Conflict("不能解锁自己的账户。", "请由另一位系统管理员办理，或等待锁定时间结束。")
    LoginAttempt.objects.create(
        username=person.username.lower(), person=person, at=now, outcome=LoginOutcome.UNLOCKED.value,
        address=scope.address,
    )  # fmt: skip
    trail.note_person(scope, now, "person_unlocked", person, None, {"锁定": "已解除"})
