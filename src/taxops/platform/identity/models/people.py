"""People (人员) and what proves that they are who they say: passwords and recovery codes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from taxops.platform.identity.terms import PersonKind

from .organisations import OrgUnit


class PersonSet(models.Manager["Person"]):
    """Finds people by what they type as their user name (用户名)."""

    def get_by_natural_key(self, username: str) -> Person:
        """Return the person with this user name, letter case apart."""
        return self.get(username__iexact=username)


class Person(models.Model):
    """Somebody who signs in (人员), or a service that does (服务账户). Never deleted: left people are inactive."""

    USERNAME_FIELD: ClassVar[str] = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    username = models.CharField("用户名", max_length=64, unique=True)
    display_name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField("拼音排序键", max_length=160, blank=True, default="")
    org = models.ForeignKey(OrgUnit, verbose_name="所属机构", on_delete=models.PROTECT, related_name="people")
    kind = models.CharField("账户类型", max_length=10, choices=PersonKind.pairs(), default=PersonKind.PERSON)
    title = models.CharField("职务", max_length=40, blank=True, default="")
    phone = models.CharField("手机", max_length=20, blank=True, default="")
    email = models.EmailField("邮箱", max_length=120, blank=True, default="")
    is_active = models.BooleanField("在用", default=True)
    created_at = models.DateTimeField("建立时间")
    password = models.CharField("口令散列", max_length=160, blank=True, default="")
    password_set_at = models.DateTimeField("口令设置时间", null=True, blank=True)
    must_change_password = models.BooleanField("首次登录须改口令", default=True)
    totp_secret = models.CharField("动态口令密钥（加密）", max_length=200, blank=True, default="")
    totp_confirmed_at = models.DateTimeField("动态口令启用时间", null=True, blank=True)
    totp_last_step = models.BigIntegerField("最近使用的动态口令步", default=0)
    last_login_at = models.DateTimeField("最近登录", null=True, blank=True)

    objects: ClassVar[PersonSet] = PersonSet()

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        ordering = ("pinyin", "username")
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="identity_person_username_ci",
                violation_error_message="用户名已被使用。",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_username(self) -> str:
        """Return the name typed at login (用户名)."""
        return self.username

    @property
    def has_totp(self) -> bool:
        """Whether a one-time code device is confirmed (已启用动态口令)."""
        return self.totp_confirmed_at is not None


class PasswordRecord(models.Model):
    """A password that was once set (历史口令), as its hash; kept so that it is not used again too soon."""

    person = models.ForeignKey(
        Person, verbose_name="人员", on_delete=models.CASCADE, related_name="passwords"
    )
    digest = models.CharField("口令散列", max_length=160)
    set_at = models.DateTimeField("设置时间")

    class Meta:
        verbose_name = "历史口令"
        verbose_name_plural = "历史口令"
        ordering = ("-set_at", "-id")

    def __str__(self) -> str:
        return f"{self.person_id} {self.set_at:%Y-%m-%d}"


class RecoveryCode(models.Model):
    """One of ten codes that stand in for a lost device (恢复码), as a hash; each works once."""

    person = models.ForeignKey(
        Person, verbose_name="人员", on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField("散列", max_length=64)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "恢复码"
        verbose_name_plural = "恢复码"
        constraints = [models.UniqueConstraint(fields=("person", "digest"), name="identity_recovery_once")]

    def __str__(self) -> str:
        return f"{self.person_id}"
