"""The pages of identity (身份与权限): login, my account, organisations, people, roles, tokens."""

from __future__ import annotations

from taxops.web.kit import Provider, search_providers, slots
from taxops.web.manifest import MenuItem, Permission

from . import account, api, finding, login, organisations, people, roles, tokens

PAGES = [
    *login.PAGES,
    *account.PAGES,
    *organisations.PAGES,
    *people.PAGES,
    *roles.PAGES,
    *tokens.PAGES,
]

MENU = [
    MenuItem("机构", "identity-orgs", "identity.view", icon="sitemap"),
    MenuItem("人员", "identity-people", "identity.view", icon="users"),
    MenuItem("角色", "identity-roles", "identity.view", icon="shield-check"),
    MenuItem("接口令牌", "identity-tokens", "identity.token", icon="api"),
]

PERMISSIONS = [
    Permission("identity.view", "查看机构、人员和角色", "身份与权限"),
    Permission("identity.people", "管理人员账户", "身份与权限"),
    Permission("identity.org", "管理机构", "身份与权限"),
    Permission("identity.grant", "管理角色和授权", "身份与权限"),
    Permission("identity.token", "管理接口令牌", "身份与权限"),
]

JOB_MODULES = ["taxops.web.pages.identity.upkeep"]
API_ROUTERS = [("/me", api.router)]

slots.me.append(MenuItem("我的账户", "account", icon="user"))
slots.me.append(MenuItem("修改口令", "account-password", icon="key"))

search_providers.add("people", Provider("人员", finding.people, permission="identity.view", icon="users"))
search_providers.add(
    "orgs", Provider("机构", finding.organisations, permission="identity.view", icon="sitemap")
)
