"""How people and programs come in: login attempts, sessions, API tokens."""

from __future__ import annotations

from django.db import models

from taxops.platform.identity.terms import LoginOutcome, SessionEnd

from .organisations import OrgUnit
from .people import Person


class LoginAttempt(models.Model):
    """One attempt to sign in (登录尝试), append-only; whether an account is locked is derived from these.

    `username` is what was typed, in lower case, known or not: an unknown name locks like a known one,
    so that nobody learns from it who exists.
    """

    username = models.CharField("用户名", max_length=64)
    person = models.ForeignKey(
        Person, verbose_name="人员", on_delete=models.CASCADE, null=True, blank=True, related_name="attempts"
    )
    at = models.DateTimeField("时间")
    outcome = models.CharField("结果", max_length=12, choices=LoginOutcome.pairs())
    address = models.CharField("网络地址", max_length=45, blank=True, default="")
    user_agent = models.CharField("浏览器", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "登录尝试"
        verbose_name_plural = "登录尝试"
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=("username", "at"), name="identity_attempt_user"),
            models.Index(fields=("address", "at"), name="identity_attempt_addr"),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.outcome}"


class PersonSession(models.Model):
    """A signed-in session (会话) with where it came from; ended ones stay as the record."""

    person = models.ForeignKey(Person, verbose_name="人员", on_delete=models.CASCADE, related_name="sessions")
    key = models.CharField("会话标识", max_length=32, unique=True)
    started_at = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近活动")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_because = models.CharField(
        "结束原因", max_length=10, choices=SessionEnd.pairs(), blank=True, default=""
    )
    address = models.CharField("网络地址", max_length=45, blank=True, default="")
    user_agent = models.CharField("浏览器", max_length=200, blank=True, default="")
    with_totp = models.BooleanField("经动态口令", default=False)

    class Meta:
        verbose_name = "会话"
        verbose_name_plural = "会话"
        ordering = ("-started_at", "-id")
        indexes = [models.Index(fields=("person", "ended_at"), name="identity_session_open")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.started_at:%m-%d %H:%M}"


class ApiToken(models.Model):
    """A key for programs (接口令牌): only its hash is kept; it can do `permissions` within `org`."""

    name = models.CharField("名称", max_length=60)
    prefix = models.CharField("前缀", max_length=12, unique=True)
    digest = models.CharField("散列", max_length=64)
    person = models.ForeignKey(Person, verbose_name="持有人", on_delete=models.PROTECT, related_name="tokens")
    created_by = models.CharField("创建人", max_length=80, blank=True, default="")
    org = models.ForeignKey(OrgUnit, verbose_name="机构范围", on_delete=models.PROTECT, related_name="tokens")
    permissions = models.JSONField("权限", default=list)
    created_at = models.DateTimeField("创建时间")
    expires_at = models.DateTimeField("到期时间")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    last_used_from = models.CharField("最近使用地址", max_length=45, blank=True, default="")
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True)
    revoked_by = models.CharField("作废人", max_length=80, blank=True, default="")

    class Meta:
        verbose_name = "接口令牌"
        verbose_name_plural = "接口令牌"
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="identity_token_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"
