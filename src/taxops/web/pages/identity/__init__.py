"""The pages of identity (身份与权限): login, my account, organisations, people, roles, tokens."""

from __future__ import annotations

from taxops.web.kit import slots
from taxops.web.manifest import MenuItem, Permission

from . import account, login

PAGES = [*login.PAGES, *account.PAGES]

PERMISSIONS = [
    Permission("identity.view", "查看机构、人员和角色", "身份与权限"),
    Permission("identity.people", "管理人员账户", "身份与权限"),
    Permission("identity.org", "管理机构", "身份与权限"),
    Permission("identity.grant", "管理角色和授权", "身份与权限"),
    Permission("identity.token", "管理接口令牌", "身份与权限"),
]

slots.me.append(MenuItem("我的账户", "account", icon="user"))
slots.me.append(MenuItem("修改口令", "account-password", icon="key"))
