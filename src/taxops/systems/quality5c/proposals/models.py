"""Nouns of the proposals (个性化指标提议)."""

from __future__ import annotations

from django.db import models

from taxops.systems.quality5c.definitions.models import IndicatorVersion

from .rules import ProposalState


class Proposal(models.Model):
    """An own indicator that a unit proposes (个性化指标提议), with the province's answer."""

    org = models.ForeignKey(
        "identity.OrgUnit", verbose_name="提议单位", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField("指标代码", max_length=40, db_index=True)
    name = models.CharField("指标名称", max_length=80)
    text = models.TextField("定义")
    reason = models.CharField("提议理由", max_length=500)
    copied_from = models.CharField("参照指标", max_length=40, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=ProposalState.pairs(), default=ProposalState.DRAFT, db_index=True
    )
    author_id = models.BigIntegerField("提议人编号", null=True, blank=True)
    author_name = models.CharField("提议人", max_length=80)
    made_at = models.DateTimeField("起草时间")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    reviewer_name = models.CharField("审核人", max_length=80, blank=True)
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    answer = models.CharField("审核意见", max_length=500, blank=True)
    version = models.ForeignKey(
        IndicatorVersion,
        verbose_name="采纳为",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    revision = models.PositiveIntegerField("修订号", default=1)

    class Meta:
        verbose_name = "个性化指标提议"
        verbose_name_plural = "个性化指标提议"
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
