"""Nouns of the timed schemes (定时记录)."""

from __future__ import annotations

from django.db import models

from taxops.systems.quality5c.evaluation.models import Scheme
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from taxops.systems.quality5c.modelling.words import Timing

from .rules import RunState


class TimedRun(models.Model):
    """What came of a template's period when it was due (定时记录); one for each way of timing."""

    template = models.ForeignKey(
        SchemeTemplate, verbose_name="方案模板", on_delete=models.PROTECT, related_name="timed_runs"
    )
    period = models.CharField("统计期", max_length=7)
    timing = models.CharField("定时", max_length=10, choices=Timing.pairs())
    state = models.CharField("状态", max_length=10, choices=RunState.pairs())
    at = models.DateTimeField("执行时间")
    attempts = models.PositiveIntegerField("执行次数", default=1)
    scheme = models.ForeignKey(
        Scheme, verbose_name="方案", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    result = models.JSONField("结果", default=dict)
    problem = models.CharField("未完成的原因", max_length=500, blank=True)

    class Meta:
        verbose_name = "定时记录"
        verbose_name_plural = "定时记录"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["template", "period", "timing"], name="quality5c_timed_period")
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.template.name}"
