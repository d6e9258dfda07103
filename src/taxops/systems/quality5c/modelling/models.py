"""Nouns of modelling (评价模型、方案模板)."""

from __future__ import annotations

from django.db import models

from taxops.engines.indicators import Grain
from taxops.systems.quality5c.lifecycle import VersionState

from .words import Receivers, Timing, UnitLevel


class EvaluationModel(models.Model):
    """An evaluation model (评价模型) under its code; tree, weights and grades stand in its versions."""

    code = models.CharField("模型代码", max_length=40, unique=True)
    name = models.CharField("模型名称", max_length=80)
    live_version = models.PositiveIntegerField("启用版本", null=True, blank=True)

    class Meta:
        verbose_name = "评价模型"
        verbose_name_plural = "评价模型"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """A version of a model (模型版本): tree, weights, normalisers, caps and grades as data; immutable once live."""

    model = models.ForeignKey(
        EvaluationModel, verbose_name="评价模型", on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField("版本")
    data = models.JSONField("模型内容")
    state = models.CharField("状态", max_length=10, choices=VersionState.pairs(), default=VersionState.DRAFT)
    author_id = models.BigIntegerField("编制人编号", null=True, blank=True)
    author_name = models.CharField("编制人", max_length=80)
    reviewer_name = models.CharField("复核人", max_length=80, blank=True)
    created_at = models.DateTimeField("编制时间")
    decided_at = models.DateTimeField("复核时间", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "模型版本"
        verbose_name_plural = "模型版本"
        ordering = ("model__code", "-number")
        constraints = [models.UniqueConstraint(fields=["model", "number"], name="quality5c_model_version")]

    def __str__(self) -> str:
        return f"{self.model.name} 第 {self.number} 版"


class SchemeTemplate(models.Model):
    """A scheme template (方案模板): which model, which units, how they are classed, when data are cut, who is told."""

    code = models.CharField("模板代码", max_length=40, unique=True)
    name = models.CharField("模板名称", max_length=80)
    model = models.ForeignKey(EvaluationModel, verbose_name="评价模型", on_delete=models.PROTECT)
    level = models.CharField("评价层级", max_length=10, choices=UnitLevel.pairs(), default=UnitLevel.COUNTY)
    excluded = models.JSONField("不参评单位", default=list, blank=True)
    classes = models.PositiveSmallIntegerField("每类型分档数", default=4)
    smallest_class = models.PositiveSmallIntegerField("最小类规模", default=8)
    lag_days = models.PositiveSmallIntegerField("征期后取数天数", default=20)
    grain = models.CharField("统计周期", max_length=8, choices=Grain.pairs(), default=Grain.MONTH)
    timing = models.CharField("定时", max_length=10, choices=Timing.pairs(), default=Timing.OFF)
    most_doubtful = models.PositiveSmallIntegerField("存疑与缺失上限（%）", default=20)
    send_to = models.CharField("结果发送", max_length=10, choices=Receivers.pairs(), default=Receivers.NONE)
    columns = models.JSONField("结果列", default=list, blank=True)
    is_active = models.BooleanField("启用", default=True)
    revision = models.PositiveIntegerField("修订号", default=1)

    class Meta:
        verbose_name = "方案模板"
        verbose_name_plural = "方案模板"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name
