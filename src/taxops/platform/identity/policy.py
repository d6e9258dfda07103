"""Reads the dated data of this room: policies (策略), seeded roles (内置角色), common passwords."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from taxops.engines.base import CHINA

from .rules import LoginPolicy, PasswordPolicy, Policy, SessionPolicy

_DATA = files("taxops.platform.identity") / "data"


def policy_at(now: datetime) -> Policy:
    """Return the policies in force at that instant (现行策略)."""
    return _policy_on(now.astimezone(CHINA).date())


@cache
def _policies() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads((_DATA / "policy.toml").read_text("utf-8"))["policy"]
    return sorted(entries, key=lambda entry: entry["valid_from"])


@cache
def _policy_on(day: date) -> Policy:
    valid = [entry for entry in _policies() if entry["valid_from"] <= day]
    entry = valid[-1] if valid else _policies()[0]
    password, login, session = entry["password"], entry["login"], entry["session"]
    return Policy(
        password=PasswordPolicy(
            min_length=password["min_length"],
            min_classes=password["min_classes"],
            history=password["history"],
            max_age=timedelta(days=password["max_age_days"]),
            warn_before=timedelta(days=password["warn_days"]),
            source=entry["source"],
        ),
        login=LoginPolicy(
            max_failures=login["max_failures"],
            lock_for=timedelta(minutes=login["lock_minutes"]),
            address_failures=login["address_failures"],
            address_window=timedelta(minutes=login["address_window_minutes"]),
            pending_for=timedelta(minutes=login["pending_minutes"]),
            source=entry["source"],
        ),
        session=SessionPolicy(
            idle=timedelta(minutes=session["idle_minutes"]),
            absolute=timedelta(hours=session["absolute_hours"]),
            max_concurrent=session["max_concurrent"],
            source=entry["source"],
        ),
        second_factor_kinds=tuple(entry["second_factor"]["required_kinds"]),
        token_max=timedelta(days=entry["token"]["max_days"]),
    )


@cache
def common_passwords() -> frozenset[str]:
    """Return the words and passwords that everybody tries first (常用口令), in lower case."""
    return frozenset((_DATA / "common_passwords.txt").read_text("utf-8").split())


def seeded_roles() -> list[dict[str, Any]]:
    """Return the roles of `data/roles.toml` (内置角色), in order."""
    roles: list[dict[str, Any]] = tomllib.loads((_DATA / "roles.toml").read_text("utf-8"))["role"]
    return roles
