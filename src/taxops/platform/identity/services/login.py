"""Signing in (登录): password, then a one-time code where needed; failures lock, and unknown names like known ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from taxops.engines.base import NotFound, Scope, TaxopsError, duration_words
from taxops.platform.identity import rules
from taxops.platform.identity.models import LoginAttempt, LoginOutcome, Person, PersonKind
from taxops.platform.identity.policy import policy_at

from . import passwords, second_factor, trail

_FAILED = (LoginOutcome.STARTED.value, LoginOutcome.FAILED.value, LoginOutcome.CODE_FAILED.value)
_CLEARED = (LoginOutcome.SUCCESS.value, LoginOutcome.UNLOCKED.value)
_LOOK_BACK = timedelta(days=1)


class LoginRefused(TaxopsError):
    """User name, password or code do not fit (登录失败)."""

    code = "login_refused"
    status = 401


class LockedOut(TaxopsError):
    """Too many failures (已锁定)."""

    code = "locked_out"
    status = 429


@dataclass(frozen=True, slots=True)
class LoginStep:
    """How far a login has come (登录进度): the password was right; what comes next.

    Args:
        needs: `nothing`, `code` (enter a one-time code) or `enrol` (bind a device first).
    """

    person: Person
    needs: str


def _key(username: str) -> str:
    return username.strip().lower()[:64]


def lock_of(username: str, *, now: datetime) -> rules.LockState:
    """Return whether a user name is locked (账户锁定状态), known or not, from its attempts."""
    recent = LoginAttempt.objects.filter(username=_key(username), at__gt=now - _LOOK_BACK, at__lte=now)
    failures: list[datetime] = []
    for at, outcome in recent.order_by("-at", "-pk").values_list("at", "outcome")[:500]:
        if outcome in _CLEARED:
            break
        if outcome in _FAILED:
            failures.append(at)
    return rules.lock_state(failures, now, policy_at(now).login)


def _reserve(
    username: str, person: Person | None, now: datetime, address: str, user_agent: str
) -> LoginAttempt:
    """Count this attempt as a failure before looking at the password; success corrects it later.

    So a hundred requests at once get no more tries than five in a row.

    Raises:
        LockedOut: the account or the address has too many failures.
    """
    policy = policy_at(now).login
    with transaction.atomic():
        if person is not None:
            Person.objects.select_for_update().filter(pk=person.pk).values_list("pk").first()
        attempt = LoginAttempt(
            username=_key(username), person=person, at=now, address=address[:45], user_agent=user_agent[:200]
        )
        lock = lock_of(username, now=now)
        crowd = LoginAttempt.objects.filter(
            address=address[:45], at__gt=now - policy.address_window, at__lte=now, outcome__in=_FAILED
        ).count()
        refused = lock.is_locked or (bool(address) and crowd >= policy.address_failures)
        attempt.outcome = (LoginOutcome.REFUSED if refused else LoginOutcome.STARTED).value
        attempt.save(force_insert=True)
    if lock.until is not None:
        left = duration_words(max(60.0, (lock.until - now).total_seconds()))
        raise LockedOut(
            f"连续输错次数过多，账户已锁定，约 {left}后可重试。", "如需立即使用，请联系系统管理员解锁。"
        )
    if refused:
        raise LockedOut("这个网络地址登录失败次数过多。", "请稍后再试，或联系系统管理员。")
    return attempt


def _failed(attempt: LoginAttempt, outcome: LoginOutcome, now: datetime, what: str) -> TaxopsError:
    """Note the failure and return the error to raise; the fifth one is written to the trail."""
    LoginAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome.value)
    lock = lock_of(attempt.username, now=now)
    if lock.until is None:
        return LoginRefused(
            what, f"再输错 {lock.left} 次，账户将锁定 15 分钟。" if lock.left <= 3 else "请重新输入。"
        )
    if attempt.person is not None:
        scope = Scope(None, attempt.person.display_name, address=attempt.address)
        trail.note_person(
            scope, now, "locked", attempt.person, None, {"锁定至": lock.until, "原因": "连续输错口令"}
        )
    return LockedOut(
        f"连续输错次数过多，账户已锁定 {duration_words((lock.until - now).total_seconds())}。",
        "如需立即使用，请联系系统管理员解锁。",
    )


def check(username: str, password: str, *, now: datetime, address: str, user_agent: str = "") -> LoginStep:
    """Check user name and password (核验口令) and say what comes next.

    Raises:
        LoginRefused: they do not fit, whichever of the two it is.
        LockedOut: too many failures of the account or from the address.
    """
    person = (
        Person.objects.select_related("org").filter(username__iexact=username.strip()).first()
        if username.strip() and "\0" not in username
        else None
    )
    attempt = _reserve(username.replace("\0", ""), person, now, address, user_agent)
    right = passwords.is_right(person, password)
    if person is None or not right or person.kind != PersonKind.PERSON:
        raise _failed(attempt, LoginOutcome.FAILED, now, "用户名或口令不正确。")
    if not person.is_active:
        LoginAttempt.objects.filter(pk=attempt.pk).update(outcome=LoginOutcome.INACTIVE.value)
        raise LoginRefused("账户已停用。", "如需恢复，请联系系统管理员。")
    if person.has_totp:
        LoginAttempt.objects.filter(pk=attempt.pk).update(outcome=LoginOutcome.PASSED.value)
        return LoginStep(person, "code")
    if second_factor.is_required(person, now=now):
        LoginAttempt.objects.filter(pk=attempt.pk).update(outcome=LoginOutcome.PASSED.value)
        return LoginStep(person, "enrol")
    _succeeded(attempt, now)
    return LoginStep(person, "nothing")


def _succeeded(attempt: LoginAttempt, now: datetime) -> None:
    """Note the success and write it to the trail."""
    assert attempt.person is not None  # only attempts of known people succeed
    with transaction.atomic():
        LoginAttempt.objects.filter(pk=attempt.pk).update(outcome=LoginOutcome.SUCCESS.value)
        person = attempt.person
        scope = Scope(person.pk, person.display_name, address=attempt.address)
        trail.note_person(scope, now, "signed_in", person, None, {"浏览器": attempt.user_agent})


def check_code(person: Person, code: str, *, now: datetime, address: str, user_agent: str = "") -> None:
    """Check the one-time or recovery code of somebody whose password was right (核验动态口令).

    Raises:
        LoginRefused: it is wrong or was used before.
        LockedOut: too many failures.
    """
    attempt = _reserve(person.username, person, now, address, user_agent)
    if not second_factor.accepts(person, code, now=now):
        raise _failed(attempt, LoginOutcome.CODE_FAILED, now, "动态口令不正确或已使用过。")
    _succeeded(attempt, now)


def enrolled(person: Person, *, now: datetime, address: str, user_agent: str = "") -> None:
    """Note that somebody signed in by binding the device that he needed (首次绑定后登录成功)."""
    _succeeded(_reserve(person.username, person, now, address, user_agent), now)


def demo_login(username: str, *, now: datetime, address: str, user_agent: str = "") -> Person:
    """Return a person of the demonstration without a password (演示一键登录).

    Raises:
        NotFound: this is not a demonstration, or there is no such person.
    """
    person = Person.objects.select_related("org").filter(username=username, is_active=True).first()
    if not settings.CONFIG.demo or person is None or person.kind != PersonKind.PERSON:
        raise NotFound("没有这个演示账户。", "一键登录只在演示环境中提供，请用用户名和口令登录。")
    attempt = LoginAttempt.objects.create(
        username=_key(username), person=person, at=now, outcome=LoginOutcome.STARTED.value,
        address=address[:45], user_agent=user_agent[:200],
    )  # fmt: skip
    _succeeded(attempt, now)
    return person
