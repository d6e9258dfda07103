"""Notices, the channels that carry them, what people prefer, and the one delivery log."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from taxops.engines.base import Choices

from .rules import DeliveryState, Severity


class ChannelKind(Choices):
    """How a channel speaks (渠道类型)."""

    SMTP = "smtp", "电子邮件"
    WEBHOOK = "webhook", "Webhook"
    WECOM = "wecom", "企业微信群机器人"
    DINGTALK = "dingtalk", "钉钉群机器人"


class Notice(models.Model):
    """A notice in a person's inbox (站内通知)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="接收人", related_name="notices"
    )
    key = models.CharField("去重键", max_length=200)
    severity = models.CharField("级别", max_length=10, choices=Severity.pairs())
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True, default="")
    link = models.CharField("链接", max_length=500, blank=True, default="")
    told_at = models.DateTimeField("通知时间")
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "站内通知"
        ordering: ClassVar = ["-told_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], name="notify_notice_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-told_at"], name="notify_notice_inbox"),
            models.Index(
                fields=["person"], condition=models.Q(read_at__isnull=True), name="notify_notice_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Channel(models.Model):
    """A way out of the platform (通知渠道): a mail server, a webhook, a robot in a group."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类型", max_length=10, choices=ChannelKind.pairs())
    config = models.JSONField("参数", default=dict)
    secrets = models.TextField("密钥（加密保存）", blank=True, default="")
    min_severity = models.CharField(
        "最低级别", max_length=10, choices=Severity.pairs(), default=Severity.WARNING.value
    )
    org = models.ForeignKey(
        "identity.OrgUnit", models.PROTECT, null=True, blank=True, verbose_name="适用机构", related_name="+"
    )
    is_enabled = models.BooleanField("启用", default=True)
    per_minute = models.PositiveSmallIntegerField("每分钟最多消息数", default=20)

    class Meta:
        verbose_name = verbose_name_plural = "通知渠道"
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class Preference(models.Model):
    """How a person wants to be told (接收设置)."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="人员", related_name="+"
    )
    channels = models.JSONField("按级别选择的渠道", default=dict, blank=True)
    quiet_from = models.TimeField("免打扰开始", null=True, blank=True)
    quiet_to = models.TimeField("免打扰结束", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接收设置"

    def __str__(self) -> str:
        return f"{self.person_id}"


class Delivery(models.Model):
    """One chain of attempts to bring one message to one place (投递记录)."""

    key = models.CharField("去重键", max_length=300, unique=True)
    channel = models.ForeignKey(Channel, models.PROTECT, verbose_name="渠道", related_name="deliveries")
    notice = models.ForeignKey(
        Notice, models.SET_NULL, null=True, blank=True, verbose_name="站内通知", related_name="deliveries"
    )
    to = models.CharField("接收方", max_length=200)
    severity = models.CharField("级别", max_length=10, choices=Severity.pairs())
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True, default="")
    link = models.CharField("链接", max_length=500, blank=True, default="")
    state = models.CharField(
        "状态", max_length=10, choices=DeliveryState.pairs(), default=DeliveryState.WAITING.value
    )
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    answer = models.CharField("对方应答", max_length=500, blank=True, default="")
    created_at = models.DateTimeField("产生时间")
    due_at = models.DateTimeField("应发时间")
    lease_until = models.DateTimeField("占用至", null=True, blank=True)
    last_at = models.DateTimeField("最近尝试时间", null=True, blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    duration_ms = models.PositiveIntegerField("最近一次耗时（毫秒）", null=True, blank=True)
    folded_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, verbose_name="合并到", related_name="folded"
    )

    class Meta:
        verbose_name = verbose_name_plural = "投递记录"
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="notify_delivery_due"),
            models.Index(fields=["channel", "-last_at"], name="notify_delivery_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} → {self.to}"
