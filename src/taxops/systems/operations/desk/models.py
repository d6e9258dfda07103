"""Nouns of the desk: canned answers, expert conferences, what was sent from the field."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .words import SheetKind


class CannedAnswer(models.Model):
    """An answer that is given often (常用答复)."""

    title = models.CharField("标题", max_length=80)
    body = models.TextField("答复")
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    n_used = models.PositiveIntegerField("使用次数", default=0)
    changed_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="修改人", null=True, related_name="+"
    )
    changed_at = models.DateTimeField("修改时间")
    archived_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "常用答复"
        ordering: ClassVar = ["-n_used", "title"]

    def __str__(self) -> str:
        return self.title


class Conference(models.Model):
    """A conference of experts on a case (专家会诊记录); written once."""

    case = models.ForeignKey("casework.Case", models.PROTECT, verbose_name="事项", related_name="conferences")
    held_at = models.DateTimeField("会诊时间")
    experts = models.CharField("参加专家", max_length=300)
    opinions = models.TextField("各方意见")
    conclusion = models.TextField("会诊结论")
    recorded_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="记录人", null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "专家会诊"
        ordering: ClassVar = ["-held_at", "-id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.held_at:%Y-%m-%d}"


class FieldSheet(models.Model):
    """What an engineer sent from the field (现场单); its key makes sending it again harmless."""

    key = models.CharField("防重键", max_length=64, unique=True)
    case = models.ForeignKey("casework.Case", models.PROTECT, verbose_name="事项", related_name="sheets")
    kind = models.CharField("类别", max_length=8, choices=SheetKind.pairs())
    person = models.ForeignKey("identity.Person", models.PROTECT, verbose_name="工程师", related_name="+")
    at = models.DateTimeField("发生时间")
    entered_at = models.DateTimeField("收到时间")
    place = models.CharField("地点", max_length=120, blank=True, default="")
    latitude = models.FloatField("纬度", null=True, blank=True)
    longitude = models.FloatField("经度", null=True, blank=True)
    text = models.TextField("内容", blank=True, default="")
    n_photos = models.PositiveSmallIntegerField("照片数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "现场单"
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.case_id} {SheetKind.label_of(self.kind)}"
