"""What the cases room keeps beside the cases themselves (事项房间的表)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class OutageCase(models.Model):
    """Which incident an outage opened or joined (中断与故障): one row an outage, so that none is lost or doubled."""

    outage = models.OneToOneField(
        "operations.Outage", models.PROTECT, verbose_name="中断", related_name="case_row"
    )
    case = models.ForeignKey("casework.Case", models.PROTECT, verbose_name="故障", related_name="+")
    taken_at = models.DateTimeField("处理时间")
    ended = models.BooleanField("已处理恢复", default=False)
    major = models.ForeignKey(
        "casework.Case", models.PROTECT, verbose_name="重大事项", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "中断与故障"
        indexes: ClassVar = [models.Index(fields=["ended", "taken_at"], name="ops_outage_case_open")]

    def __str__(self) -> str:
        return f"{self.outage_id} {self.case_id}"


class DataTarget(models.Model):
    """A database on which approved data fixes run (目标数据库); its address is sealed, people see host and name."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=80)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    shown = models.CharField("地址", max_length=200)
    sealed = models.TextField("连接（加密）")
    row_limit = models.PositiveIntegerField("行数上限", default=1000)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "目标数据库"

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class DataFixRun(models.Model):
    """One execution of an approved script (数据修改执行): written before it begins, so that a broken one shows."""

    case = models.ForeignKey("casework.Case", models.PROTECT, verbose_name="数据修改", related_name="+")
    target = models.ForeignKey(DataTarget, models.PROTECT, verbose_name="目标数据库", related_name="runs")
    state = models.CharField("状态", max_length=10, db_index=True)
    script_hash = models.CharField("脚本摘要", max_length=64)
    actor = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="执行人", null=True, related_name="+"
    )
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    affected = models.PositiveIntegerField("影响行数", null=True, blank=True)
    counts = models.JSONField("各表行数", default=dict)
    before = models.JSONField("执行前的行", default=list)
    after = models.JSONField("执行后的行", default=list)
    inverse = models.TextField("逆向语句", blank=True)
    problem = models.CharField("失败原因", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "数据修改执行"
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="started"), name="ops_datafix_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"


class CasePaper(models.Model):
    """A paper made about a case from frozen inputs (事项文书), version by version; never changed.

    《突发事件分析报告》 GX:514. The files are made from the inputs whenever somebody asks; they come out the same.
    """

    case = models.ForeignKey("casework.Case", models.PROTECT, verbose_name="事项", related_name="+")
    version = models.PositiveIntegerField("版本")
    inputs = models.TextField("冻结数据")
    digest = models.CharField("数据摘要（SM3）", max_length=64)
    made_at = models.DateTimeField("生成时间")
    made_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="编制人", null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "事项文书"
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "version"], name="ops_case_paper_once")
        ]

    def __str__(self) -> str:
        return f"{self.case} 第 {self.version} 版"
