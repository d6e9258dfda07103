"""The shapes of the policies (策略) whose values are dated data in `data/policy.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a password must be (口令策略)."""

    min_length: int
    min_classes: int
    history: int
    max_age: timedelta
    warn_before: timedelta
    source: str = ""


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """When failing to sign in locks an account or an address (锁定策略)."""

    max_failures: int
    lock_for: timedelta
    address_failures: int
    address_window: timedelta
    pending_for: timedelta
    source: str = ""


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long a session lives and how many one person may have (会话策略)."""

    idle: timedelta
    absolute: timedelta
    max_concurrent: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """All policies in force on one day (现行策略).

    Args:
        second_factor_kinds: kinds of roles whose holders must use a one-time code (动态口令).
        token_max: the longest life of an API token.
    """

    password: PasswordPolicy
    login: LoginPolicy
    session: SessionPolicy
    second_factor_kinds: tuple[str, ...]
    token_max: timedelta
