"""What became of it: state changes and outages. Append-only, but for an outage's end."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from taxops.systems.operations.monitoring.words import Cause, Severity, Turn

from .definitions import Check, MonitoredSystem

__all__ = ["Dependency", "Outage", "StateChange"]

_ONE_SUBJECT = models.Q(check_row__isnull=False, system__isnull=True) | models.Q(
    check_row__isnull=True, system__isnull=False
)


class StateChange(models.Model):
    """One line of a check's or system's history (状态变化): when it was so, and when we came to know.

    Append-only; a line that late results disproved is marked withdrawn and stays.

    Args:
        at_ms: since when it is so (time of fact).
        known_ms: time of fact of the result that settled it.
        start_ms: for an end, when that began.
        entered_at: when this line was written (time of entry).
    """

    check_row = models.ForeignKey(
        Check, models.PROTECT, verbose_name="检查项", null=True, blank=True, related_name="changes"
    )
    system = models.ForeignKey(
        MonitoredSystem, models.PROTECT, verbose_name="系统", null=True, blank=True, related_name="changes"
    )
    kind = models.CharField("变化", max_length=16, choices=Turn.pairs())
    at_ms = models.BigIntegerField("发生时刻")
    known_ms = models.BigIntegerField("确认时刻")
    start_ms = models.BigIntegerField("起始时刻", null=True, blank=True)
    entered_at = models.DateTimeField("录入时间")
    cause = models.CharField("来由", max_length=12, choices=Cause.pairs(), default=Cause.RESULT.value)
    message = models.CharField("说明", max_length=500, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "状态变化"
        ordering: ClassVar = ["-at_ms", "-id"]
        constraints: ClassVar = [models.CheckConstraint(condition=_ONE_SUBJECT, name="ops_change_of_one")]
        indexes: ClassVar = [
            models.Index(fields=["check_row", "-at_ms"], name="ops_change_of_check"),
            models.Index(fields=["system", "-at_ms"], name="ops_change_of_system"),
            models.Index(fields=["-at_ms"], name="ops_change_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at_ms}"


class Outage(models.Model):
    """A time during which a check or a system was down (中断): `[started_at, ended_at)`.

    It begins with the first failed result of the run that confirmed it and ends with the first good
    result of the run that ended it. One that late results disproved is withdrawn, not deleted. One that is
    suppressed (抑制) by the outage of what its check depends on stays as a fact and does not count, or counts
    from when that was over (`counts_from`).
    """

    check_row = models.ForeignKey(
        Check, models.PROTECT, verbose_name="检查项", null=True, blank=True, related_name="outages"
    )
    system = models.ForeignKey(
        MonitoredSystem, models.PROTECT, verbose_name="系统", null=True, blank=True, related_name="outages"
    )
    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    detected_at = models.DateTimeField("发现时间")
    recovered_at = models.DateTimeField("确认恢复时间", null=True, blank=True)
    severity = models.CharField("重要程度", max_length=10, choices=Severity.pairs())
    cause = models.CharField("现象", max_length=500, blank=True)
    entered_at = models.DateTimeField("录入时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_why = models.CharField("撤回原因", max_length=200, blank=True)
    suppressed_by = models.ForeignKey(
        "self", models.PROTECT, verbose_name="因其抑制", null=True, blank=True, related_name="suppresses"
    )
    counts_from = models.DateTimeField("计入起点", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "中断"
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=_ONE_SUBJECT, name="ops_outage_of_one"),
            models.UniqueConstraint(fields=["check_row", "started_at"], name="ops_check_outage_once"),
            models.UniqueConstraint(fields=["system", "started_at"], name="ops_system_outage_once"),
            models.UniqueConstraint(
                fields=["check_row"],
                condition=models.Q(ended_at__isnull=True, withdrawn_at__isnull=True),
                name="ops_check_one_open",
            ),
            models.UniqueConstraint(
                fields=["system"],
                condition=models.Q(ended_at__isnull=True, withdrawn_at__isnull=True),
                name="ops_system_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gt=models.F("started_at")),
                name="ops_outage_forward",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-started_at"], name="ops_outage_recent"),
            models.Index(fields=["ended_at"], name="ops_outage_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.check_row or self.system} {self.started_at:%m-%d %H:%M}"

    @property
    def is_suppressed(self) -> bool:
        """Test whether it does not count at all (被抑制)."""
        return self.suppressed_by_id is not None and self.counts_from is None

    @property
    def counted_at(self) -> datetime:
        """When it begins to count (计入起点)."""
        return self.counts_from or self.started_at


class Dependency(models.Model):
    """A check or system that cannot work without another (依赖关系), said by a person.

    What the assets' relation `depends_on` says comes on top and is not stored here.
    """

    child_check = models.ForeignKey(
        Check, models.CASCADE, verbose_name="检查项", null=True, blank=True, related_name="+"
    )
    child_system = models.ForeignKey(
        MonitoredSystem, models.CASCADE, verbose_name="系统", null=True, blank=True, related_name="+"
    )
    parent_check = models.ForeignKey(
        Check, models.CASCADE, verbose_name="依赖的检查项", null=True, blank=True, related_name="+"
    )
    parent_system = models.ForeignKey(
        MonitoredSystem, models.CASCADE, verbose_name="依赖的系统", null=True, blank=True, related_name="+"
    )
    note = models.CharField("说明", max_length=200, blank=True)
    entered_at = models.DateTimeField("录入时间")
    entered_by = models.CharField("录入人", max_length=80)

    class Meta:
        verbose_name = verbose_name_plural = "依赖关系"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(child_check__isnull=False, child_system__isnull=True)
                | models.Q(child_check__isnull=True, child_system__isnull=False),
                name="ops_dependency_one_child",
            ),
            models.CheckConstraint(
                condition=models.Q(parent_check__isnull=False, parent_system__isnull=True)
                | models.Q(parent_check__isnull=True, parent_system__isnull=False),
                name="ops_dependency_one_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_check or self.child_system} → {self.parent_check or self.parent_system}"
