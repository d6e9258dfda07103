"""Nouns of external data (外部数据)."""

from __future__ import annotations

from django.db import models

from .words import BatchState


class ExternalBatch(models.Model):
    """A batch of external data (导入批次): rows of one template that came in one file."""

    template = models.CharField("模板", max_length=40)
    number = models.PositiveIntegerField("批次号")
    state = models.CharField("状态", max_length=12, choices=BatchState.pairs(), default=BatchState.APPLIED)
    rows = models.PositiveIntegerField("行数")
    periods = models.JSONField("涉及统计期", default=list)
    imported_at = models.DateTimeField("导入时间")
    imported_by = models.CharField("导入人", max_length=80)
    rolled_back_at = models.DateTimeField("回退时间", null=True, blank=True)
    rolled_back_by = models.CharField("回退人", max_length=80, blank=True)
    effect = models.JSONField("影响", default=dict)

    class Meta:
        verbose_name = "外部数据批次"
        verbose_name_plural = "外部数据批次"
        ordering = ("-imported_at", "-id")
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="quality5c_batch_number")]

    def __str__(self) -> str:
        return f"{self.template} 第 {self.number} 批"


class ExternalValue(models.Model):
    """One value of a batch (外部数据值); of several batches the latest that counts wins."""

    batch = models.ForeignKey(
        ExternalBatch, on_delete=models.CASCADE, related_name="values_in", verbose_name="批次"
    )
    dataset = models.CharField("数据集", max_length=40)
    item = models.CharField("项目", max_length=40)
    org = models.ForeignKey(
        "identity.OrgUnit", verbose_name="单位", on_delete=models.PROTECT, related_name="+"
    )
    period = models.CharField("统计期", max_length=7)
    value = models.FloatField("值")
    num = models.FloatField("分子", null=True, blank=True)
    den = models.FloatField("分母", null=True, blank=True)

    class Meta:
        verbose_name = "外部数据值"
        verbose_name_plural = "外部数据值"
        ordering = ("dataset", "item", "period")
        indexes = [models.Index(fields=["period", "dataset", "item"], name="quality5c_external_of")]

    def __str__(self) -> str:
        return f"{self.dataset}/{self.item} {self.period}"
