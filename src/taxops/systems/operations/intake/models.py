"""What intake keeps: sources and their mapping, and which messages were taken."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taxops.systems.operations.alerting.words import Source
from taxops.systems.operations.words import Severity


class IntakeSource(models.Model):
    """Another watch that pushes to us (接入来源), known by its token; a new token's first push makes it known.

    Args:
        mapping: lines `conditions => system severity`, tried in order.
        n_dropped: lines that came faster than the limit, or could not be read; counted, never silent.
    """

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类型", max_length=14, choices=Source.pairs())
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    token = models.ForeignKey(
        "identity.ApiToken",
        models.SET_NULL,
        verbose_name="接口令牌",
        null=True,
        blank=True,
        related_name="+",
    )
    mapping = models.JSONField("映射规则", default=list, blank=True)
    severity = models.CharField(
        "默认重要程度", max_length=10, choices=Severity.pairs(), default=Severity.MINOR.value
    )
    is_enabled = models.BooleanField("启用", default=True)
    version = models.PositiveIntegerField("版本", default=1)
    last_at = models.DateTimeField("最近接收", null=True, blank=True)
    n_received = models.BigIntegerField("已接收", default=0)
    n_raised = models.BigIntegerField("产生告警", default=0)
    n_duplicate = models.BigIntegerField("重复", default=0)
    n_dropped = models.BigIntegerField("丢弃", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "接入来源"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "token"],
                condition=models.Q(token__isnull=False),
                name="ops_source_of_token",
            )
        ]

    def __str__(self) -> str:
        return self.name


class IntakeReceipt(models.Model):
    """A message that was taken (接收回执); sent again, it changes nothing."""

    source = models.ForeignKey(IntakeSource, models.CASCADE, verbose_name="接入来源", related_name="receipts")
    key = models.CharField("去重键", max_length=120)
    at = models.DateTimeField("接收时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "接收回执"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "key"], name="ops_intake_receipt_once")
        ]

    def __str__(self) -> str:
        return self.key
