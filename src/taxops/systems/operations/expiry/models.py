"""What was told about dates that draw near (到期提醒), so that each step is told once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ExpiryReminder(models.Model):
    """One date of one asset was told at one step (到期提醒).

    Args:
        field: which of the asset's dates.
        day: the date as it stood; a renewed one begins anew.
        step: days before the end at which it was due; -1: it is over.
        people: ids of those told.
    """

    asset = models.ForeignKey("assets.Asset", models.CASCADE, verbose_name="资产", related_name="+")
    field = models.CharField("事项", max_length=20)
    day = models.DateField("到期日期")
    step = models.SmallIntegerField("提醒档（天）")
    told_at = models.DateTimeField("提醒时间")
    people = models.JSONField("提醒对象", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "到期提醒"
        ordering: ClassVar = ["-told_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["asset", "field", "day", "step"], name="ops_expiry_once")
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.field} {self.step}"
