"""Nouns of the indicators (指标): what is measured, its versions, and the figures."""

from __future__ import annotations

from django.db import models

from taxops.systems.quality5c.lifecycle import VersionState


class Indicator(models.Model):
    """An indicator (指标) under its code; what it says stands in its versions."""

    code = models.CharField("指标代码", max_length=40, unique=True)
    name = models.CharField("指标名称", max_length=80)
    aspect = models.CharField("方面", max_length=20, db_index=True)
    unit = models.CharField("单位", max_length=12, default="percent")
    direction = models.CharField("方向", max_length=8, default="up")
    owner = models.CharField("归口部门", max_length=40, blank=True)
    live_version = models.PositiveIntegerField("启用版本", null=True, blank=True)

    class Meta:
        verbose_name = "指标"
        verbose_name_plural = "指标"
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class IndicatorVersion(models.Model):
    """A version of an indicator's definition (指标版本); immutable once published."""

    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField("版本")
    text = models.TextField("定义")
    content_hash = models.CharField("内容摘要", max_length=64)
    state = models.CharField("状态", max_length=10, choices=VersionState.pairs(), default=VersionState.DRAFT)
    author_id = models.BigIntegerField("编制人编号", null=True, blank=True)
    author_name = models.CharField("编制人", max_length=80)
    reviewer_name = models.CharField("复核人", max_length=80, blank=True)
    created_at = models.DateTimeField("编制时间")
    decided_at = models.DateTimeField("复核时间", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "指标版本"
        verbose_name_plural = "指标版本"
        ordering = ("indicator__code", "-number")
        constraints = [
            models.UniqueConstraint(fields=["indicator", "number"], name="quality5c_indicator_version"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} 第 {self.number} 版"


class IndicatorResult(models.Model):
    """A published figure (指标结果): numerator and denominator of a unit and period, never a ratio alone."""

    code = models.CharField("指标代码", max_length=40)
    version = models.PositiveIntegerField("版本")
    org = models.ForeignKey(
        "identity.OrgUnit", verbose_name="单位", on_delete=models.PROTECT, related_name="+"
    )
    period = models.CharField("统计期", max_length=7)
    num = models.FloatField("分子", null=True, blank=True)
    den = models.FloatField("分母", null=True, blank=True)
    value = models.FloatField("指标值", null=True, blank=True)
    state = models.CharField("数据状态", max_length=12)
    fingerprint = models.CharField("计算指纹", max_length=64, blank=True)
    source = models.CharField("来源", max_length=20, default="warehouse")
    manifest = models.PositiveIntegerField("数据清单号", null=True, blank=True)

    class Meta:
        verbose_name = "指标结果"
        verbose_name_plural = "指标结果"
        ordering = ("code", "org_id")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "code", "version", "org", "source"], name="quality5c_indicator_result"
            ),
        ]
        indexes = [models.Index(fields=["org", "period"], name="quality5c_result_org")]

    def __str__(self) -> str:
        return f"{self.code} {self.period}"


class DataProblem(models.Model):
    """What a check of an indicator's data found wrong in a period (数据核对问题); replaced when it is computed anew."""

    code = models.CharField("指标代码", max_length=40)
    period = models.CharField("统计期", max_length=7)
    kind = models.CharField("核对项", max_length=40)
    text = models.CharField("结论", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "数据核对问题"
        ordering = ("code", "pk")
        indexes = [models.Index(fields=["period", "code"], name="quality5c_data_problem")]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"
