"""Nouns of evaluation (评价方案、得分、明细、试算)."""

from __future__ import annotations

from django.db import models

from taxops.systems.quality5c.modelling.models import SchemeTemplate

from .words import SchemeState


class Scheme(models.Model):
    """A scheme (评价方案): a template applied to one period, with everything it depends on frozen into it."""

    template = models.ForeignKey(SchemeTemplate, verbose_name="方案模板", on_delete=models.PROTECT)
    period = models.CharField("统计期", max_length=7)
    name = models.CharField("方案名称", max_length=120)
    frozen = models.JSONField("冻结内容")
    state = models.CharField("状态", max_length=10, choices=SchemeState.pairs(), default=SchemeState.OPEN)
    made_at = models.DateTimeField("生成时间")
    made_by = models.CharField("生成人", max_length=80)
    made_by_id = models.BigIntegerField("生成人编号", null=True, blank=True)
    evaluated_at = models.DateTimeField("计算时间", null=True, blank=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.CharField("发布人", max_length=80, blank=True)
    result_hash = models.CharField("结果摘要", max_length=64, blank=True)

    class Meta:
        verbose_name = "评价方案"
        verbose_name_plural = "评价方案"
        ordering = ("-period", "template__code")
        constraints = [models.UniqueConstraint(fields=["template", "period"], name="quality5c_scheme_period")]

    def __str__(self) -> str:
        return self.name


class Score(models.Model):
    """What a unit reached in a scheme (单位得分): score, grade, rank, class and level."""

    scheme = models.ForeignKey(Scheme, verbose_name="方案", on_delete=models.CASCADE, related_name="scores")
    org = models.ForeignKey(
        "identity.OrgUnit", verbose_name="单位", on_delete=models.PROTECT, related_name="+"
    )
    total = models.FloatField("得分", null=True, blank=True)
    grade = models.CharField("等级", max_length=4, blank=True)
    uncapped = models.CharField("封顶前等级", max_length=4, blank=True)
    capped_by = models.CharField("封顶原因", max_length=40, blank=True)
    rank = models.PositiveIntegerField("名次", default=0)
    rank_low = models.PositiveIntegerField("名次区间上限", default=0)
    rank_high = models.PositiveIntegerField("名次区间下限", default=0)
    borderline = models.BooleanField("临界", default=False)
    kept = models.FloatField("等级稳定率", null=True, blank=True)
    peer_class = models.CharField("类别", max_length=40)
    tier = models.CharField("级别", max_length=2, blank=True)
    aspects = models.JSONField("方面结果", default=dict)
    adjustments = models.JSONField("加减分", default=list)
    n_missing = models.PositiveSmallIntegerField("缺失指标数", default=0)

    class Meta:
        verbose_name = "单位得分"
        verbose_name_plural = "单位得分"
        ordering = ("rank", "org_id")
        constraints = [models.UniqueConstraint(fields=["scheme", "org"], name="quality5c_score_unit")]

    def __str__(self) -> str:
        return f"{self.org_id} {self.total}"


class Detail(models.Model):
    """One indicator's part in a unit's score (得分明细)."""

    scheme = models.ForeignKey(Scheme, verbose_name="方案", on_delete=models.CASCADE, related_name="details")
    org = models.ForeignKey(
        "identity.OrgUnit", verbose_name="单位", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField("指标代码", max_length=40)
    version = models.PositiveIntegerField("指标版本")
    aspect = models.CharField("方面", max_length=20)
    num = models.FloatField("分子", null=True, blank=True)
    den = models.FloatField("分母", null=True, blank=True)
    value = models.FloatField("指标值", null=True, blank=True)
    state = models.CharField("数据状态", max_length=12)
    points = models.FloatField("指标得分", null=True, blank=True)
    weight = models.FloatField("权重")
    contribution = models.FloatField("贡献", null=True, blank=True)
    loss = models.FloatField("失分", null=True, blank=True)
    percentile = models.FloatField("同类百分位", null=True, blank=True)
    peer_median = models.FloatField("同类中位", null=True, blank=True)
    peer_best = models.FloatField("同类先进（P90）", null=True, blank=True)
    previous = models.FloatField("上期值", null=True, blank=True)

    class Meta:
        verbose_name = "得分明细"
        verbose_name_plural = "得分明细"
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["scheme", "org", "code"], name="quality5c_detail_item")
        ]

    def __str__(self) -> str:
        return f"{self.org_id} {self.code}"


class Trial(models.Model):
    """A trial (试算): what other weights, versions or values would do to a scheme; expires by itself."""

    scheme = models.ForeignKey(
        Scheme, verbose_name="对照方案", on_delete=models.CASCADE, related_name="trials"
    )
    title = models.CharField("试算名称", max_length=120)
    overlay = models.JSONField("试算内容")
    result = models.JSONField("试算结果")
    author_id = models.BigIntegerField("试算人编号", null=True, blank=True)
    author_name = models.CharField("试算人", max_length=80)
    at = models.DateTimeField("试算时间")
    expires_at = models.DateTimeField("到期时间", db_index=True)

    class Meta:
        verbose_name = "试算"
        verbose_name_plural = "试算"
        ordering = ("-at",)

    def __str__(self) -> str:
        return self.title
