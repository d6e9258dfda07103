"""Whether a password will do (口令强度) and how old it is (口令有效期)."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from .policies import PasswordPolicy

MAX_LENGTH = 128
"""Longer ones only cost time to hash; nobody types them."""

_RUNS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LEET = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)


def _classes(password: str) -> int:
    return sum(
        (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
    )


def _run_in(password: str, length: int) -> str:
    """Return the first piece that goes along the alphabet, the digits or a keyboard row, or repeats."""
    text = password.lower()
    for start in range(len(text) - length + 1):
        piece = text[start : start + length]
        if len(set(piece)) == 1 or any(piece in row or piece in row[::-1] for row in _RUNS):
            return password[start : start + length]
    return ""


def _is_common(password: str, common: Collection[str]) -> bool:
    """Test whether what remains without digits and signs at the ends is a word from the list (常用口令)."""
    plain = password.lower()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    candidates = {plain, core, re.sub(r"[\W\d_]+", "", plain)}
    candidates |= {candidate.translate(_LEET) for candidate in (plain, core)}
    return any(candidate in common for candidate in candidates if candidate)


def password_problems(
    password: str,
    *,
    username: str,
    policy: PasswordPolicy,
    names: Collection[str] = (),
    common: Collection[str] = (),
) -> list[str]:
    """Return in Chinese what is wrong with a new password (口令问题); empty when it will do.

    Args:
        password: as typed.
        username: of whom it will be; it must not be part of it.
        policy: in force now.
        names: further words of the person that must not be part of it (phone, e-mail name).
        common: lower-case words and passwords that everybody tries first.
    """
    problems: list[str] = []
    if len(password) < policy.min_length:
        problems.append(f"至少需要 {policy.min_length} 个字符，现有 {len(password)} 个。")
    if len(password) > MAX_LENGTH:
        problems.append(f"不能超过 {MAX_LENGTH} 个字符。")
    if _classes(password) < policy.min_classes:
        problems.append(f"大写字母、小写字母、数字、符号中至少要有 {policy.min_classes} 类。")
    lower = password.lower()
    if len(username) >= 3 and (username.lower() in lower or username.lower()[::-1] in lower):
        problems.append("不能包含用户名或其倒写。")
    if any(len(name) >= 4 and name.lower() in lower for name in names):
        problems.append("不能包含本人的手机号或邮箱名。")
    run = _run_in(password, 5)
    if run:
        problems.append(f"不能包含连续或重复的字符「{run}」。")
    if _is_common(password, common):
        problems.append("这是常用口令，很容易被猜中。")
    if password != password.strip() or any(ord(c) < 32 or ord(c) == 127 for c in password):
        problems.append("首尾不能是空格，也不能包含控制字符。")
    return problems


def password_age(set_at: datetime | None, now: datetime, policy: PasswordPolicy) -> tuple[bool, int | None]:
    """Return whether a password has expired (已过期) and, when it soon will, in how many whole days.

    A password without a date (an outside or service account) does not expire.
    """
    if set_at is None:
        return False, None
    left = set_at + policy.max_age - now
    if left.total_seconds() <= 0:
        return True, None
    return False, left.days if left <= policy.warn_before else None
