"""One-time codes (动态口令) and recovery codes (恢复码)."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from taxops.engines.base import BadInput, Conflict, NotPermitted, Scope
from taxops.platform.identity.models import Person, RecoveryCode, RoleAssignment
from taxops.platform.identity.policy import policy_at
from taxops.platform.identity.sealing import fingerprint, seal, unseal

from . import trail
from .people import locked_person

STEP_SECONDS = 30
_DRIFT = 1
_CODES = 10
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def _totp(key: bytes) -> TOTP:
    # SHA-1 with six digits is what every authenticator app implements (RFC 6238)
    return TOTP(key, 6, SHA1(), STEP_SECONDS, enforce_key_length=True)  # noqa: S303


def _binding(person: Person) -> str:
    return f"totp:{person.pk}"


def is_required(person: Person, *, now: datetime) -> bool:
    """Test whether the policy asks this person for a one-time code (须用动态口令): the three administrators.

    A demonstration asks nobody, so that its one-click login works.
    """
    if settings.CONFIG.demo:
        return False
    return RoleAssignment.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=now),
        person=person,
        valid_from__lte=now,
        role__is_active=True,
        role__kind__in=policy_at(now).second_factor_kinds,
    ).exists()


def new_secret() -> str:
    """Return a fresh device secret in Base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def provisioning_uri(person: Person, secret: str) -> str:
    """Return the `otpauth://` address that a QR code shows to an authenticator app."""
    return _totp(base64.b32decode(secret)).get_provisioning_uri(person.username, "TaxOps")


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is, one step of drift allowed either way, or None."""
    digits = code.replace(" ", "").replace("-", "")
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    step = int(now.timestamp()) // STEP_SECONDS
    totp, found = _totp(secret), None
    for candidate in range(step - _DRIFT, step + _DRIFT + 1):
        if hmac.compare_digest(totp.generate(candidate * STEP_SECONDS), digits.encode()):
            found = candidate
    return found


@transaction.atomic
def enrol(person: Person, *, now: datetime, secret: str, code: str, scope: Scope) -> list[str]:
    """Bind a device (启用动态口令) once its code proves that it works; return ten recovery codes, once.

    Raises:
        NotPermitted: it is somebody else's account.
        BadInput: the code does not fit the secret.
        Conflict: a device is bound already.
    """
    if scope.actor_id != person.pk or scope.via == "api":
        raise NotPermitted("只能为本人启用动态口令。", "请本人登录后办理。")
    person = Person.objects.select_for_update(of=("self",)).select_related("org").get(pk=person.pk)
    if person.has_totp:
        raise Conflict("已经启用了动态口令。", "更换手机请先由安全管理员重置。")
    try:
        raw = base64.b32decode(secret)
    except ValueError as error:
        raise BadInput("动态口令密钥已失效。", "请刷新页面重新扫码。", field="code") from error
    step = matching_step(raw, code, now) if len(raw) >= 16 else None
    if step is None:
        raise BadInput("动态口令不正确。", "请确认手机时间准确，输入当前显示的 6 位数字。", field="code")
    person.totp_secret = seal(raw, bound_to=_binding(person))
    person.totp_confirmed_at, person.totp_last_step = now, step
    person.save(update_fields=["totp_secret", "totp_confirmed_at", "totp_last_step"])
    codes = _new_codes(person)
    trail.note_person(scope, now, "second_factor_enrolled", person, None, {"动态验证": "已启用"})
    return codes


def _new_codes(person: Person) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, digest=fingerprint(f"{person.pk}:{code}")) for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def accepts(person: Person, code: str, *, now: datetime) -> bool:
    """Test a one-time or recovery code and use it up (核验动态口令); neither ever works twice."""
    if not person.has_totp:
        return False
    step = matching_step(unseal(person.totp_secret, bound_to=_binding(person)), code, now)
    if step is not None:
        # the condition is in the statement itself: of two requests with one code exactly one wins
        fresh = Person.objects.filter(pk=person.pk, totp_last_step__lt=step).update(totp_last_step=step)
        return fresh == 1
    plain = code.upper().replace("-", "").replace(" ", "")
    if len(plain) != 10:
        return False
    found = RecoveryCode.objects.filter(
        person=person, digest=fingerprint(f"{person.pk}:{plain}"), used_at=None
    )
    return found.update(used_at=now) == 1


@transaction.atomic
def reset(scope: Scope, person: Person, *, now: datetime) -> None:
    """Unbind somebody's device (重置动态口令); he binds a new one at his next login.

    The security administrator does this while the system administrator resets passwords: neither of
    them alone can take over an account.

    Raises:
        NotFound: outside the actor's scope.
        Conflict: it is one's own.
    """
    person = locked_person(scope, person, "identity.grant")
    if person.pk == scope.actor_id:
        raise Conflict("不能重置自己的动态口令。", "请由另一位安全管理员办理。")
    person.totp_secret, person.totp_confirmed_at = "", None
    person.save(update_fields=["totp_secret", "totp_confirmed_at"])
    RecoveryCode.objects.filter(person=person).delete()
    trail.note_person(
        scope, now, "second_factor_reset", person, {"动态验证": "已启用"}, {"动态验证": "已重置"}
    )


@transaction.atomic
def renew_recovery_codes(scope: Scope, person: Person, *, now: datetime, code: str) -> list[str]:
    """Replace one's recovery codes (重新生成恢复码), proved by a one-time code; return them, once.

    Raises:
        NotPermitted: it is somebody else's account.
        BadInput: the code is wrong or was used.
    """
    if scope.actor_id != person.pk or scope.via == "api":
        raise NotPermitted("只能为本人生成恢复码。", "请本人登录后办理。")
    person = Person.objects.select_for_update(of=("self",)).select_related("org").get(pk=person.pk)
    if not accepts(person, code, now=now):
        raise BadInput("动态口令不正确或已使用过。", "请等待下一个 6 位数字再试。", field="code")
    codes = _new_codes(person)
    trail.note_person(scope, now, "second_factor_codes", person, None, {"恢复码": "已重新生成"})
    return codes
