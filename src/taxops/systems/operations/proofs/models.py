"""Confirmations that a check kind works against a real product."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class KindProof(models.Model):
    """Somebody compared a kind's results with the real product (类型验证); taken back, never deleted."""

    kind = models.CharField("检查类型", max_length=20, db_index=True)
    against = models.CharField("产品与版本", max_length=120)
    note = models.CharField("怎样验证的", max_length=400)
    confirmed_at = models.DateTimeField("确认时间")
    confirmed_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="确认人", null=True, related_name="+"
    )
    by_name = models.CharField("确认人姓名", max_length=80)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.CharField("撤回人", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "类型验证"
        ordering: ClassVar = ["-confirmed_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.against}"
