"""Maintenance windows (维护窗口): when work on a system is agreed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taxops.systems.operations.monitoring.words import WindowState

from .definitions import Check, MonitoredSystem

__all__ = ["MaintenanceRule", "MaintenanceWindow", "WindowState"]


class MaintenanceWindow(models.Model):
    """A time during which work was agreed (维护窗口); approved by another person than the one who asked."""

    code = models.CharField("编号", max_length=26, unique=True)
    title = models.CharField("标题", max_length=120)
    reason = models.CharField("原因与内容", max_length=1000)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    systems = models.ManyToManyField(
        MonitoredSystem, verbose_name="涉及系统", blank=True, related_name="windows"
    )
    checks_in = models.ManyToManyField(Check, verbose_name="涉及检查项", blank=True, related_name="windows")
    starts_at = models.DateTimeField("开始时间", db_index=True)
    ends_at = models.DateTimeField("结束时间", db_index=True)
    state = models.CharField(
        "状态", max_length=10, choices=WindowState.pairs(), default=WindowState.REQUESTED.value, db_index=True
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
    cancelled_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="取消人", null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "维护窗口"
        ordering: ClassVar = ["-starts_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="ops_window_forward"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(requested_by__isnull=True)
                | ~models.Q(decided_by=models.F("requested_by")),
                name="ops_window_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class MaintenanceRule(models.Model):
    """Maintenance that comes back by a rule (周期维护): its times are computed, never stored as rows.

    Approved like a single window, once for the rule; `repeat` is what `engines.checks.parse_repeat` reads.
    """

    code = models.CharField("编号", max_length=26, unique=True)
    title = models.CharField("标题", max_length=120)
    reason = models.CharField("原因与内容", max_length=1000)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    systems = models.ManyToManyField(
        MonitoredSystem, verbose_name="涉及系统", blank=True, related_name="maintenance_rules"
    )
    checks_in = models.ManyToManyField(
        Check, verbose_name="涉及检查项", blank=True, related_name="maintenance_rules"
    )
    repeat = models.JSONField("周期")
    valid_from = models.DateTimeField("生效时间")
    valid_to = models.DateTimeField("失效时间")
    state = models.CharField(
        "状态", max_length=10, choices=WindowState.pairs(), default=WindowState.REQUESTED.value, db_index=True
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
    cancelled_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="取消人", null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "周期维护"
        ordering: ClassVar = ["-valid_from", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(valid_to__gt=models.F("valid_from")), name="ops_rule_forward"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(requested_by__isnull=True)
                | ~models.Q(decided_by=models.F("requested_by")),
                name="ops_rule_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.title
