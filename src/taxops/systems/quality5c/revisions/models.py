"""The noun of revisions (指标修订)."""

from __future__ import annotations

from django.db import models


class FigureRevision(models.Model):
    """What a recomputation made of a stored figure (指标修订), and the loads that caused it; written once.

    The scores of published schemes keep the figure as it was frozen; this says beside them what became of it.
    """

    code = models.CharField("指标代码", max_length=40)
    version = models.PositiveIntegerField("版本")
    org = models.ForeignKey(
        "identity.OrgUnit", verbose_name="单位", on_delete=models.PROTECT, related_name="+"
    )
    period = models.CharField("统计期", max_length=7)
    old_num = models.FloatField("原分子", null=True)
    old_den = models.FloatField("原分母", null=True)
    old_value = models.FloatField("原值", null=True)
    new_num = models.FloatField("新分子", null=True)
    new_den = models.FloatField("新分母", null=True)
    new_value = models.FloatField("新值", null=True)
    causes = models.JSONField("原因", default=list)
    at = models.DateTimeField("重算时间")

    class Meta:
        verbose_name = "指标修订"
        verbose_name_plural = "指标修订"
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=["period", "org", "code"], name="quality5c_revision_of")]

    def __str__(self) -> str:
        return f"{self.code} {self.period}"
