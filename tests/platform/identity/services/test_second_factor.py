"""One-time codes work once, recovery codes work once, secrets are sealed."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Unavailable
from taxops.platform.identity import services
from taxops.platform.identity.models import LoginAttempt, OrgUnit, Person, RecoveryCode
from taxops.platform.identity.services import second_factor
from tests import factories

pytestmark = pytest.mark.django_db
STEP = timedelta(seconds=30)


def _code(secret: str, at: datetime) -> str:
    return second_factor._totp(base64.b32decode(secret)).generate(int(at.timestamp())).decode()


@pytest.fixture
def li(province: dict[str, OrgUnit]) -> Person:
    return factories.person("li", province["145011"])


@pytest.fixture
def secret() -> str:
    return services.new_secret()


@pytest.fixture
def codes(li: Person, secret: str, now: datetime) -> list[str]:
    return services.enrol(
        li, now=now, secret=secret, code=_code(secret, now), scope=factories.scope_of(li, now)
    )


def test_codes_follow_the_published_examples() -> None:
    """RFC 6238, appendix B, shortened to six digits."""
    key = b"12345678901234567890"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        at = datetime.fromtimestamp(seconds).astimezone()
        assert second_factor.matching_step(key, code, at) == seconds // 30


def test_binding_needs_a_code_that_fits(li: Person, secret: str, now: datetime) -> None:
    scope = factories.scope_of(li, now)
    wrong = f"{(int(_code(secret, now)) + 1) % 1000000:06d}"
    for given, code in (
        (secret, wrong),
        (secret, ""),
        (secret, "１２３４５６"),
        ("", "123456"),
        ("not base32!", "123456"),
    ):
        with pytest.raises(BadInput):
            services.enrol(li, now=now, secret=given, code=code, scope=scope)
    li.refresh_from_db()
    assert not li.has_totp


def test_the_secret_is_sealed_and_bound_to_its_person(li: Person, secret: str, codes: list[str]) -> None:
    li.refresh_from_db()
    assert secret not in li.totp_secret
    assert base64.b32decode(secret) not in base64.b64decode(li.totp_secret)
    assert second_factor.unseal(li.totp_secret, bound_to=f"totp:{li.pk}") == base64.b32decode(secret)
    with pytest.raises(Unavailable):
        second_factor.unseal(li.totp_secret, bound_to="totp:999")


def test_a_code_works_once_and_older_ones_never_again(
    li: Person, secret: str, codes: list[str], now: datetime
) -> None:
    li.refresh_from_db()
    later = now + 4 * STEP
    assert second_factor.accepts(li, _code(secret, later), now=later)
    assert not second_factor.accepts(li, _code(secret, later), now=later)
    assert not second_factor.accepts(li, _code(secret, later - STEP), now=later)
    assert second_factor.accepts(li, _code(secret, later + STEP), now=later + STEP)


@pytest.mark.parametrize(("drift", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(
    drift: int, fits: bool, li: Person, secret: str, codes: list[str], now: datetime
) -> None:
    li.refresh_from_db()
    later = now + 10 * STEP
    assert second_factor.accepts(li, _code(secret, later + drift * STEP), now=later) == fits


def test_the_code_that_bound_the_device_is_used_up(
    li: Person, secret: str, codes: list[str], now: datetime
) -> None:
    li.refresh_from_db()
    assert not second_factor.accepts(li, _code(secret, now), now=now)


def test_each_recovery_code_works_once_however_it_is_typed(
    li: Person, codes: list[str], now: datetime
) -> None:
    li.refresh_from_db()
    assert len(set(codes)) == 10
    assert second_factor.accepts(li, codes[0].lower().replace("-", " "), now=now)
    assert not second_factor.accepts(li, codes[0], now=now)
    assert second_factor.accepts(li, codes[1], now=now)
    assert not second_factor.accepts(li, "AAAAA-AAAAA", now=now)
    stored = "".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code.replace("-", "") in stored for code in codes)


def test_wrong_codes_lock_like_wrong_passwords(li: Person, codes: list[str], now: datetime) -> None:
    li.refresh_from_db()
    for n in range(4):
        with pytest.raises(services.LoginRefused):
            services.check_code(li, "000000x", now=now + timedelta(seconds=n), address="")
    with pytest.raises(services.LockedOut):
        services.check_code(li, "000000x", now=now + timedelta(seconds=5), address="")
    with pytest.raises(services.LockedOut):  # even the right one, now
        services.check_code(li, codes[0], now=now + timedelta(seconds=6), address="")
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


def test_a_right_code_signs_in(li: Person, codes: list[str], now: datetime) -> None:
    li.refresh_from_db()
    services.check_code(li, codes[3], now=now, address="10.0.0.1")
    assert LoginAttempt.objects.get().outcome == "success"


def test_binding_twice_needs_a_reset_by_the_security_administrator(
    li: Person, secret: str, codes: list[str], people_admin: Person, security_admin: Person, now: datetime
) -> None:
    with pytest.raises(Conflict):
        services.enrol(li, now=now, secret=secret, code=_code(secret, now), scope=factories.scope_of(li, now))
    with pytest.raises((NotFound, NotPermitted)):  # who resets passwords must not reset devices
        services.reset_second_factor(factories.scope_of(people_admin, now), li, now=now)
    services.reset_second_factor(factories.scope_of(security_admin, now), li, now=now)
    li.refresh_from_db()
    assert not li.has_totp
    assert not RecoveryCode.objects.exists()
    with pytest.raises(Conflict):
        services.reset_second_factor(factories.scope_of(security_admin, now), security_admin, now=now)


def test_nobody_binds_a_device_to_another(
    li: Person, people_admin: Person, secret: str, now: datetime
) -> None:
    with pytest.raises(NotPermitted):
        services.enrol(
            li, now=now, secret=secret, code=_code(secret, now), scope=factories.scope_of(people_admin, now)
        )


def test_new_recovery_codes_kill_the_old(li: Person, secret: str, codes: list[str], now: datetime) -> None:
    later = now + 4 * STEP
    scope = factories.scope_of(li, later)
    with pytest.raises(BadInput):
        services.renew_recovery_codes(scope, li, now=later, code="000000")
    fresh = services.renew_recovery_codes(scope, li, now=later, code=_code(secret, later))
    li.refresh_from_db()
    assert not second_factor.accepts(li, codes[0], now=later)
    assert second_factor.accepts(li, fresh[0], now=later)


def test_the_qr_address_names_the_person_and_the_platform(li: Person, secret: str) -> None:
    assert services.provisioning_uri(li, secret).startswith("otpauth://totp/TaxOps:li?")
