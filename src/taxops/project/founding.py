"""Founding an installation (初始化): the first organisation and the three administrators, once, in one transaction.

Before it nobody can sign in; after it the three administrators (三员) can do everything else on pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from taxops.engines.base import CHINA, BadInput, Conflict, Scope
from taxops.platform.assets import services as assets
from taxops.platform.identity import services as identity
from taxops.platform.identity.models import OrgUnit, Person, Role
from taxops.platform.identity.rules import ImportRow

ADMINISTRATORS = {"system_admin": "系统管理员", "security_admin": "安全管理员", "audit_admin": "审计管理员"}


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the first three accounts (首批管理员).

    Args:
        role: a key of `ADMINISTRATORS`.
        username: for signing in.
        display_name: the person's name.
    """

    role: str
    username: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Founded:
    """What was founded (初始化结果); the passwords are shown once and stored nowhere.

    Args:
        org_code: the root organisation.
        organisations: how many there are now.
        passwords: user name → temporary password.
    """

    org_code: str
    organisations: int
    passwords: dict[str, str]


def found(
    scope: Scope,
    *,
    now: datetime,
    code: str,
    name: str,
    level: str,
    founders: list[Founder],
    below: list[ImportRow] | None = None,
) -> Founded:
    """Store roles, asset types, the root organisation, those below it and the three administrators.

    Raises:
        Conflict: organisations or people exist already.
        BadInput: the founders are not three persons for the three roles, or a value will not do.
        TaxopsError: a row of `below` is refused; nothing is stored then.
    """
    if sorted(founder.role for founder in founders) != sorted(ADMINISTRATORS):
        raise BadInput("三员必须各有一人。", "请分别给出系统、安全、审计管理员。")
    if len({founder.username.lower() for founder in founders}) < len(founders):
        raise BadInput("三员互斥，不能使用同一个账户。", "请给出三个不同的用户名。")
    with transaction.atomic():
        if OrgUnit.objects.exists() or Person.objects.filter(kind="person").exists():
            raise Conflict("这个数据库已经初始化过。", "请用管理员账户登录，在「机构」「人员」页面上维护。")
        identity.seed_roles(scope, now=now)
        assets.ensure_types()
        root = identity.create_org(
            scope,
            now=now,
            code=code,
            name=name,
            level=level,
            parent=None,
            valid_from=now.astimezone(CHINA).date(),
        )
        if below:
            identity.import_orgs(scope, below, now=now)
        roles = {role.code: role for role in Role.objects.filter(code__in=ADMINISTRATORS)}
        passwords = {}
        for founder in founders:
            person = identity.create_person(
                scope,
                now=now,
                username=founder.username,
                display_name=founder.display_name,
                org=root,
                title=ADMINISTRATORS[founder.role],
            )
            identity.grant(scope, now=now, person=person, role=roles[founder.role], org=root, reason="初始化")
            passwords[person.username] = identity.reset_password(scope, person, now=now)
        return Founded(root.code, OrgUnit.objects.count(), passwords)
