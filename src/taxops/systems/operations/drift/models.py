"""Snapshots of configurations that wait for approval or were decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taxops.systems.operations.monitoring.models import Check

from .rules import SnapshotState


class ConfigSnapshot(models.Model):
    """A configuration as it was read at a time (配置快照); approved by another person than the one who asked."""

    check_row = models.ForeignKey(Check, models.PROTECT, verbose_name="检查项", related_name="snapshots")
    content = models.TextField("内容")
    digest = models.CharField("散列", max_length=64)
    reason = models.CharField("变更原因", max_length=400)
    state = models.CharField(
        "状态", max_length=10, choices=SnapshotState.pairs(), default=SnapshotState.REQUESTED.value
    )
    taken_at = models.DateTimeField("读取时间")
    taken_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="提交人", null=True, related_name="+"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="审批人", null=True, blank=True, related_name="+"
    )
    decision_note = models.CharField("审批意见", max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "配置快照"
        ordering: ClassVar = ["-taken_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["check_row"], condition=models.Q(state="requested"), name="ops_snapshot_one_waiting"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(taken_by__isnull=True)
                | ~models.Q(decided_by=models.F("taken_by")),
                name="ops_snapshot_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.digest[:12]
