"""Answers to checks that people carry out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taxops.systems.operations.monitoring.models import Check

from .rules import Answer


class ManualAnswer(models.Model):
    """What somebody found (人工检查结果): when he looked and when he wrote it down are kept apart."""

    check_row = models.ForeignKey(Check, models.PROTECT, verbose_name="检查项", related_name="answers")
    fact_at = models.DateTimeField("查看时间")
    entered_at = models.DateTimeField("填写时间")
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="填写人", null=True, related_name="+"
    )
    by_name = models.CharField("填写人姓名", max_length=80)
    answer = models.CharField("结论", max_length=4, choices=Answer.pairs())
    value = models.FloatField("读数", null=True, blank=True)
    note = models.CharField("说明", max_length=400, blank=True)
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="照片或附件", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "人工检查结果"
        ordering: ClassVar = ["-fact_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["check_row", "fact_at"], name="ops_answer_once"),
            models.CheckConstraint(
                condition=models.Q(entered_at__gte=models.F("fact_at")), name="ops_answer_after_fact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_row_id} {self.answer}"
