"""Nouns of the roster: posts, patterns, overrides, periods, swaps, hand-overs, sign-ins."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from .words import Change, Days, Hours, PeriodKind, SignKind, SwapState


def _person(label: str, **more: Any) -> Any:
    return models.ForeignKey("identity.Person", models.PROTECT, verbose_name=label, related_name="+", **more)


class DutyPost(models.Model):
    """A post of the contract (岗位): which hours, how many at once, how many people in all, where."""

    code = models.CharField("岗位代码", max_length=30, unique=True)
    name = models.CharField("岗位", max_length=60)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    hours = models.CharField("值守时间", max_length=20, choices=Hours.pairs(), default=Hours.ONSITE.value)
    people = models.PositiveSmallIntegerField("同时在岗人数", default=1)
    headcount = models.PositiveSmallIntegerField("合同人数", default=0)
    place = models.CharField("驻场地点", max_length=120, blank=True, default="")
    latitude = models.FloatField("纬度", null=True, blank=True)
    longitude = models.FloatField("经度", null=True, blank=True)
    radius_m = models.PositiveIntegerField("打卡半径（米）", default=500)
    source = models.CharField("合同条款", max_length=60, blank=True, default="")
    sort = models.PositiveSmallIntegerField("排序", default=0)
    archived_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        ordering: ClassVar = ["sort", "code"]

    def __str__(self) -> str:
        return self.name


class DutyPattern(models.Model):
    """A rotation at a post (轮班规则): groups in turn, days to a turn, windows of a day."""

    post = models.ForeignKey(DutyPost, models.PROTECT, verbose_name="岗位", related_name="patterns")
    name = models.CharField("名称", max_length=60)
    groups = models.JSONField("轮次", default=list)
    first_on = models.DateField("开始日期")
    last_on = models.DateField("结束日期", null=True, blank=True)
    turn_days = models.PositiveSmallIntegerField("每轮天数", default=1)
    windows = models.JSONField("班次时段", default=list)
    days = models.CharField("适用日期", max_length=10, choices=Days.pairs(), default=Days.ALL.value)
    entered_by = _person("录入人", null=True)
    entered_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "轮班规则"
        ordering: ClassVar = ["post", "first_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_on=None) | models.Q(last_on__gte=models.F("first_on")),
                name="ops_pattern_forward",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DutySwap(models.Model):
    """A request to swap (换班申请): asked, accepted by the other, approved by a third."""

    post = models.ForeignKey(DutyPost, models.PROTECT, verbose_name="岗位", related_name="swaps")
    person = _person("申请人")
    other = _person("替班人")
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    back_starts_at = models.DateTimeField("还班开始", null=True, blank=True)
    back_ends_at = models.DateTimeField("还班结束", null=True, blank=True)
    reason = models.CharField("事由", max_length=400)
    state = models.CharField(
        "状态", max_length=10, choices=SwapState.pairs(), default=SwapState.REQUESTED.value, db_index=True
    )
    requested_at = models.DateTimeField("申请时间")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    decided_by = _person("批准人", null=True, blank=True)
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    note = models.CharField("意见", max_length=400, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "换班申请"
        ordering: ClassVar = ["-requested_at", "-id"]

    def __str__(self) -> str:
        return f"{self.person} → {self.other}"


class DutyOverride(models.Model):
    """A dated change of the roster (值班调整); in force in the order of entry, never edited, only cancelled."""

    post = models.ForeignKey(DutyPost, models.PROTECT, verbose_name="岗位", related_name="overrides")
    change = models.CharField("调整方式", max_length=10, choices=Change.pairs())
    person = _person("人员")
    other = _person("替班人", null=True, blank=True)
    starts_at = models.DateTimeField("开始时间", db_index=True)
    ends_at = models.DateTimeField("结束时间", db_index=True)
    reason = models.CharField("事由", max_length=400, blank=True, default="")
    swap = models.ForeignKey(
        DutySwap, models.PROTECT, verbose_name="换班申请", null=True, blank=True, related_name="overrides"
    )
    entered_by = _person("录入人", null=True)
    entered_at = models.DateTimeField("录入时间")
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "值班调整"
        ordering: ClassVar = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="ops_duty_override_forward"
            )
        ]

    def __str__(self) -> str:
        return f"{Change.label_of(self.change)} {self.person}"


class DutyPeriod(models.Model):
    """A period that asks for more (重要时期、征期): longer hours, perhaps more people."""

    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    name = models.CharField("名称", max_length=60)
    kind = models.CharField(
        "类别", max_length=10, choices=PeriodKind.pairs(), default=PeriodKind.IMPORTANT.value
    )
    first_on = models.DateField("第一天", db_index=True)
    last_on = models.DateField("最后一天", db_index=True)
    hours = models.CharField("值守时间", max_length=20, choices=Hours.pairs(), default=Hours.ALWAYS.value)
    people = models.PositiveSmallIntegerField("同时在岗人数", null=True, blank=True)
    note = models.CharField("安排", max_length=400, blank=True, default="")
    entered_by = _person("录入人", null=True)
    entered_at = models.DateTimeField("录入时间")
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "重要时期"
        ordering: ClassVar = ["-first_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")), name="ops_duty_period_forward"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Handover(models.Model):
    """A note from one shift to the next (交接班记录); what was written stays, the other adds a remark."""

    post = models.ForeignKey(DutyPost, models.PROTECT, verbose_name="岗位", related_name="handovers")
    at = models.DateTimeField("交接时间", db_index=True)
    giver = _person("交班人")
    taker = _person("接班人", null=True, blank=True)
    open_items = models.TextField("未结事项")
    risks = models.TextField("风险与注意", blank=True, default="")
    written_at = models.DateTimeField("填写时间")
    accepted_at = models.DateTimeField("接班时间", null=True, blank=True)
    remark = models.CharField("接班意见", max_length=400, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "交接班记录"
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("post", "at"), name="ops_handover_once"),
            models.CheckConstraint(
                condition=models.Q(taker=None) | ~models.Q(taker=models.F("giver")),
                name="ops_handover_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post} {self.at:%Y-%m-%d %H:%M}"


class SignIn(models.Model):
    """Somebody came or went (打卡), when and where; `key` makes sending it again harmless."""

    post = models.ForeignKey(DutyPost, models.PROTECT, verbose_name="岗位", related_name="signs")
    person = _person("人员")
    kind = models.CharField("类别", max_length=4, choices=SignKind.pairs())
    at = models.DateTimeField("打卡时间", db_index=True)
    entered_at = models.DateTimeField("收到时间")
    place = models.CharField("地点", max_length=120, blank=True, default="")
    latitude = models.FloatField("纬度", null=True, blank=True)
    longitude = models.FloatField("经度", null=True, blank=True)
    distance_m = models.PositiveIntegerField("距驻场地点（米）", null=True, blank=True)
    key = models.CharField("防重键", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "打卡记录"
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.person} {SignKind.label_of(self.kind)}"
