"""Nouns of signals (预警规则、指标预警)."""

from __future__ import annotations

from django.db import models

from .words import LEVELS, RuleKind, Side, SignalState


class SignalRule(models.Model):
    """A rule on an indicator (预警规则): which figure of a unit asks for an answer."""

    name = models.CharField("规则名称", max_length=80)
    code = models.CharField("指标代码", max_length=40)
    kind = models.CharField("种类", max_length=10, choices=RuleKind.pairs())
    side = models.CharField("变差方向", max_length=6, choices=Side.pairs())
    limit = models.FloatField("界限")
    level = models.CharField("层级", max_length=10, choices=LEVELS)
    days = models.PositiveSmallIntegerField("答复期限（天）", default=10)
    is_active = models.BooleanField("启用", default=True)
    made_at = models.DateTimeField("制定时间")
    made_by = models.CharField("制定人", max_length=80)

    class Meta:
        verbose_name = "预警规则"
        verbose_name_plural = "预警规则"
        ordering = ("code", "pk")
        constraints = [
            models.UniqueConstraint(fields=["code", "kind", "level"], name="quality5c_signal_rule")
        ]

    def __str__(self) -> str:
        return self.name


class Signal(models.Model):
    """A figure that broke a rule (指标预警): a task for its unit, answered and then confirmed by the province."""

    rule = models.ForeignKey(
        SignalRule, verbose_name="规则", on_delete=models.PROTECT, related_name="signals"
    )
    code = models.CharField("指标代码", max_length=40)
    period = models.CharField("统计期", max_length=7)
    org = models.ForeignKey(
        "identity.OrgUnit", verbose_name="单位", on_delete=models.PROTECT, related_name="+"
    )
    value = models.FloatField("指标值")
    before = models.FloatField("上期值", null=True)
    rank = models.PositiveIntegerField("名次", default=0)
    rank_before = models.PositiveIntegerField("上期名次", default=0)
    words = models.CharField("情况", max_length=200)
    state = models.CharField("状态", max_length=10, choices=SignalState.pairs(), default=SignalState.OPEN)
    raised_at = models.DateTimeField("产生时间")
    due_on = models.DateField("答复期限")
    answer = models.TextField("答复", blank=True)
    answered_by = models.CharField("答复人", max_length=80, blank=True)
    answered_by_id = models.BigIntegerField("答复人编号", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    note = models.CharField("意见", max_length=300, blank=True)
    decided_by = models.CharField("确认人", max_length=80, blank=True)
    decided_at = models.DateTimeField("确认时间", null=True)

    class Meta:
        verbose_name = "指标预警"
        verbose_name_plural = "指标预警"
        ordering = ("-raised_at", "-id")
        constraints = [models.UniqueConstraint(fields=["rule", "period", "org"], name="quality5c_signal_of")]
        indexes = [models.Index(fields=["org", "state"], name="quality5c_signal_org")]

    def __str__(self) -> str:
        return f"{self.code} {self.period} {self.org}"
