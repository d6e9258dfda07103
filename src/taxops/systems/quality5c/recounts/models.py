"""The noun of recounts (核算)."""

from __future__ import annotations

from django.db import models

from taxops.systems.quality5c.definitions.models import IndicatorResult, IndicatorVersion

from .words import RecountKind


class Recount(models.Model):
    """What somebody asked the warehouse again (核算): a figure explained, or a version tried; expires by itself.

    It is done by a background job and never writes published figures.
    """

    kind = models.CharField("种类", max_length=8, choices=RecountKind.pairs())
    code = models.CharField("指标代码", max_length=40)
    period = models.CharField("统计期", max_length=7)
    org = models.ForeignKey(
        "identity.OrgUnit", verbose_name="单位", on_delete=models.PROTECT, related_name="+"
    )
    figure = models.ForeignKey(
        IndicatorResult, verbose_name="指标结果", on_delete=models.CASCADE, null=True, related_name="+"
    )
    version = models.ForeignKey(
        IndicatorVersion, verbose_name="指标版本", on_delete=models.CASCADE, null=True, related_name="+"
    )
    against = models.ForeignKey(
        IndicatorVersion, verbose_name="对照版本", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    content_hash = models.CharField("定义摘要", max_length=64, blank=True)
    result = models.JSONField("结果", null=True)
    error = models.CharField("未完成原因", max_length=500, blank=True)
    run = models.CharField("作业编号", max_length=26, blank=True)
    author_id = models.BigIntegerField("发起人编号", null=True)
    author_name = models.CharField("发起人", max_length=80)
    asked_at = models.DateTimeField("发起时间")
    done_at = models.DateTimeField("完成时间", null=True)
    expires_at = models.DateTimeField("到期时间", db_index=True)

    class Meta:
        verbose_name = "核算"
        verbose_name_plural = "核算"
        ordering = ("-asked_at", "-id")
        indexes = [models.Index(fields=["author_id", "-asked_at"], name="quality5c_recount_of")]

    def __str__(self) -> str:
        return f"{self.code} {self.period}"
