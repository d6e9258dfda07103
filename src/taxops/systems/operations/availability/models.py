"""The nouns of availability (可用性): the contract's terms, and what is taken out of the outages."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .words import ExclusionKind, ExclusionState

__all__ = ["Agreement", "Exclusion"]


class Agreement(models.Model):
    """What a contract says about availability (可用性约定), and from which day its years count.

    Without systems it holds for every system of the organisation and below that no nearer agreement names.
    """

    name = models.CharField("合同名称", max_length=120)
    number = models.CharField("合同编号", max_length=60, blank=True)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    systems = models.ManyToManyField(
        "operations.MonitoredSystem", verbose_name="适用系统", blank=True, related_name="agreements"
    )
    signed_on = models.DateField("签订日期")
    total_s = models.PositiveIntegerField("全年累计中断上限（秒）", default=12 * 3600)
    each_s = models.PositiveIntegerField("每次中断上限（秒）", default=2 * 3600)
    streak_months = models.PositiveSmallIntegerField("连续无中断（月）", default=6)
    exclude_planned = models.BooleanField("剔除已批准的计划内维护", default=True)
    coverage = models.FloatField("监测覆盖率下限", default=0.99)
    source = models.CharField("依据", max_length=200, default="招标文件三（四）2、3")
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("更新时间")
    archived_at = models.DateTimeField("归档时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "可用性约定"
        ordering: ClassVar = ["-signed_on", "name"]

    def __str__(self) -> str:
        return self.name


class Exclusion(models.Model):
    """A stretch that should not count against a system (剔除), with who, why and evidence.

    The raw outage stays; this is taken out of it, once another person has approved. `starts_at` and
    `ends_at` are the time of fact, `requested_at` is the time of entry.
    """

    system = models.ForeignKey(
        "operations.MonitoredSystem", models.PROTECT, verbose_name="系统", related_name="exclusions"
    )
    kind = models.CharField("事由", max_length=10, choices=ExclusionKind.pairs())
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    reason = models.CharField("说明", max_length=1000)
    evidence = models.CharField("佐证", max_length=500)
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="佐证文件", null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        "状态",
        max_length=10,
        choices=ExclusionState.pairs(),
        default=ExclusionState.REQUESTED.value,
        db_index=True,
    )
    requested_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="申请人", null=True, related_name="+"
    )
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="审批人", null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision_note = models.CharField("审批意见", max_length=400, blank=True)
    revoked_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="撤销人", null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)
    revoked_why = models.CharField("撤销原因", max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "剔除"
        ordering: ClassVar = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="ops_exclusion_forward"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(requested_by__isnull=True)
                | ~models.Q(decided_by=models.F("requested_by")),
                name="ops_exclusion_two_people",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["system", "starts_at"], name="ops_exclusion_of_system")]

    def __str__(self) -> str:
        return f"{self.system} {self.starts_at:%m-%d %H:%M}"
