"""Templates, where they were applied, and what each application did."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taxops.systems.operations.monitoring.models import Check, MonitoredSystem


class Blueprint(models.Model):
    """A template of what to watch (监控模板); `draft` is what the next version will be."""

    code = models.CharField("模板代码", max_length=40, unique=True)
    name = models.CharField("模板名称", max_length=80)
    description = models.CharField("说明", max_length=400, blank=True)
    draft = models.JSONField("草稿", default=dict)
    number = models.PositiveIntegerField("现行版本", default=0)
    built_in = models.CharField("内置内容摘要", max_length=64, blank=True)
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "监控模板"
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class BlueprintVersion(models.Model):
    """A template as it was published (模板版本); never changed."""

    blueprint = models.ForeignKey(Blueprint, models.PROTECT, verbose_name="模板", related_name="versions")
    number = models.PositiveIntegerField("版本")
    content = models.JSONField("内容")
    note = models.CharField("修改说明", max_length=200, blank=True)
    made_at = models.DateTimeField("发布时间")
    made_by = models.CharField("发布人", max_length=80)

    class Meta:
        verbose_name = verbose_name_plural = "模板版本"
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blueprint", "number"], name="ops_blueprint_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.blueprint} 第 {self.number} 版"


class Placement(models.Model):
    """A template on a system (套用位置): with which assets and answers, at which version."""

    blueprint = models.ForeignKey(Blueprint, models.PROTECT, verbose_name="模板", related_name="placements")
    system = models.ForeignKey(MonitoredSystem, models.PROTECT, verbose_name="系统", related_name="+")
    assets = models.JSONField("资产", default=list, blank=True)
    answers = models.JSONField("填写内容", default=dict, blank=True)
    number = models.PositiveIntegerField("版本", default=0)
    tree = models.JSONField("建立的健康树", null=True, blank=True)
    applied_at = models.DateTimeField("套用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "套用位置"
        ordering: ClassVar = ["blueprint", "system"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blueprint", "system"], name="ops_placement_once")
        ]

    def __str__(self) -> str:
        return f"{self.blueprint} → {self.system}"


class PlacedCheck(models.Model):
    """A check that a template made (模板检查项), and how the template left it: what differs was changed by hand."""

    placement = models.ForeignKey(Placement, models.CASCADE, verbose_name="套用位置", related_name="checks")
    slot = models.CharField("位置", max_length=80)
    check_row = models.OneToOneField(Check, models.PROTECT, verbose_name="检查项", related_name="placed")
    baseline = models.JSONField("模板给出的定义")

    class Meta:
        verbose_name = verbose_name_plural = "模板检查项"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["placement", "slot"], name="ops_placed_slot_once")
        ]

    def __str__(self) -> str:
        return self.slot


class Rollout(models.Model):
    """One application of a template (套用记录): what it did to one system, so that it can be undone."""

    placement = models.ForeignKey(Placement, models.CASCADE, verbose_name="套用位置", related_name="rollouts")
    number = models.PositiveIntegerField("版本")
    at = models.DateTimeField("时间")
    by = models.CharField("办理人", max_length=80)
    steps = models.JSONField("所做的改动")
    before = models.JSONField("之前的情形")
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.CharField("撤销人", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "套用记录"
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["placement", "-at"], name="ops_rollout_of")]

    def __str__(self) -> str:
        return f"{self.placement} 第 {self.number} 版"
