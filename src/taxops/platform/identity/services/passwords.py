"""Setting and checking passwords (口令)."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.db import transaction

from taxops.engines.base import BadInput, NotPermitted, Scope
from taxops.platform.identity import rules
from taxops.platform.identity.models import PasswordRecord, Person, PersonSession, SessionEnd
from taxops.platform.identity.policy import common_passwords, policy_at

from . import trail

_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"


def _problems(person: Person, password: str, now: datetime) -> list[str]:
    names = [name for name in (person.phone, person.email.partition("@")[0]) if name]
    return rules.password_problems(
        password,
        username=person.username,
        policy=policy_at(now).password,
        names=names,
        common=common_passwords(),
    )


def _used_before(person: Person, password: str, now: datetime) -> bool:
    """Test whether the password is the present or a recent one (历史口令)."""
    recent = PasswordRecord.objects.filter(person=person)[: policy_at(now).password.history]
    digests = {person.password, *(record.digest for record in recent)} - {""}
    return any(check_password(password, digest) for digest in digests)


def give_password(person: Person, password: str, *, now: datetime, must_change: bool) -> None:
    """Set somebody's password after checking it; within the caller's transaction.

    Raises:
        BadInput: it is too weak, or was used before.
    """
    problems = _problems(person, password, now)
    if not problems and _used_before(person, password, now):
        problems = [f"最近 {policy_at(now).password.history} 次用过的口令不能再用。"]
    if problems:
        raise BadInput("新口令不符合要求：" + "".join(problems), "请换一个口令。", field="password")
    person.password, person.password_set_at = make_password(password), now
    person.must_change_password = must_change
    person.save(update_fields=["password", "password_set_at", "must_change_password"])
    PasswordRecord.objects.create(person=person, digest=person.password, set_at=now)
    kept = list(
        PasswordRecord.objects.filter(person=person).values_list("pk", flat=True)[
            : policy_at(now).password.history
        ]
    )
    PasswordRecord.objects.filter(person=person).exclude(pk__in=kept).delete()


def password_days_left(person: Person, *, now: datetime) -> int | None:
    """Return in how many whole days a password runs out, when that is soon (口令临近过期)."""
    return rules.password_age(person.password_set_at, now, policy_at(now).password)[1]


def temporary_password(username: str, now: datetime) -> str:
    """Return a random password that meets the policy and can be read out on the telephone."""
    while True:
        parts = ["".join(secrets.choice(_CAPITALS + _LETTERS + _DIGITS) for _ in range(4)) for _ in range(4)]
        password = "-".join(parts)
        if not rules.password_problems(
            password, username=username, policy=policy_at(now).password, common=common_passwords()
        ):
            return password


@cache
def _dummy() -> str:
    """Return a hash of nobody's password, to spend the same time on names that do not exist."""
    return make_password(secrets.token_urlsafe(16))


def is_right(person: Person | None, password: str) -> bool:
    """Test a password in the same time whether the person exists, has one, or neither (恒定时间)."""
    digest = person.password if person is not None and _is_usable(person.password) else _dummy()
    right = check_password(password[: rules.MAX_PASSWORD], digest)
    return right and person is not None and digest == person.password and len(password) <= rules.MAX_PASSWORD


def _is_usable(digest: str) -> bool:
    try:
        identify_hasher(digest)
    except ValueError:
        return False  # none set, or made by an algorithm that is not trusted any more
    return True


@transaction.atomic
def change_password(
    scope: Scope, person: Person, *, now: datetime, old: str, new: str, keep_session: str = ""
) -> Person:
    """Change one's own password (修改口令); every other session of this person ends.

    Args:
        keep_session: key of the session in which he does it.

    Raises:
        NotPermitted: it is somebody else's, or a program asks.
        BadInput: the old one is wrong, or the new one will not do.
    """
    if scope.actor_id != person.pk or scope.via == "api":
        raise NotPermitted("只能修改本人的口令。", "他人忘记口令时，请系统管理员重置。")
    person = Person.objects.select_for_update(of=("self",)).select_related("org").get(pk=person.pk)
    if not is_right(person, old):
        raise BadInput("原口令不正确。", "请重新输入原口令。", field="old")
    if old == new:
        raise BadInput("新口令与原口令相同。", "请换一个口令。", field="password")
    give_password(person, new, now=now, must_change=False)
    PersonSession.objects.filter(person=person, ended_at=None).exclude(key=keep_session).update(
        ended_at=now, ended_because=SessionEnd.PASSWORD.value
    )
    trail.note_person(scope, now, "person_changed", person, None, {"登录凭证": "本人已修改"})
    return person
