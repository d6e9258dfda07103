"""What was found: the state cache, raw results, notes, roll-ups, receipts. The busy tables are integers only."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .definitions import Check, Prober


class CheckState(models.Model):
    """Where a check stands (检查状态): a cache of what its results say; one narrow row, updated by each result.

    The columns are those of `engines.checks.State`; phases and verdicts are small numbers (`rules.codes`).
    Version and whether it is active are copies of the check's, so that a usual result needs this row alone.

    Args:
        flap_window: which of the last results changed sides (`engines.checks.Flapping`); 0 while all is steady.
        flapping_since_ms: since when it flaps (抖动起点); null when it does not.
    """

    check_row = models.OneToOneField(
        Check, models.CASCADE, primary_key=True, verbose_name="检查项", related_name="state"
    )
    phase = models.SmallIntegerField("阶段", default=0)
    verdict = models.SmallIntegerField("最近结论", default=-1)
    streak = models.IntegerField("连续次数", default=0)
    since_ms = models.BigIntegerField("起点", null=True, blank=True)
    first_bad_ms = models.BigIntegerField("首次异常", null=True, blank=True)
    detected_ms = models.BigIntegerField("确认时刻", null=True, blank=True)
    first_good_ms = models.BigIntegerField("首次恢复", null=True, blank=True)
    unknown_since_ms = models.BigIntegerField("未知起点", null=True, blank=True)
    last_at_ms = models.BigIntegerField("最近结果", default=0)
    suspects = models.IntegerField("连续存疑", default=0)
    duration_us = models.IntegerField("最近耗时（微秒）", default=0)
    flap_window = models.BigIntegerField("抖动窗口", default=0)
    flapping_since_ms = models.BigIntegerField("抖动起点", null=True, blank=True)
    silent_since_ms = models.BigIntegerField("无数据起点", null=True, blank=True)
    alive_from_ms = models.BigIntegerField("起算时刻", default=0)
    deadline_ms = models.BigIntegerField("心跳期限", null=True, blank=True)
    message = models.CharField("最近说明", max_length=500, blank=True)
    version = models.PositiveIntegerField("现行版本", default=1)
    active = models.BooleanField("受检", default=True)
    keeps = models.BooleanField("保留指标", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "检查状态"
        # Only what changes seldom may be indexed here: an index on a column that each result
        # updates would cost more than the row itself.
        indexes: ClassVar = [
            models.Index(
                fields=["deadline_ms"],
                condition=models.Q(deadline_ms__isnull=False),
                name="ops_state_deadline",
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_row_id}: {self.phase}"


class RawResult(models.Model):
    """One result (原始结果), kept for days.

    Clustered by ten-second cell, then check: the rows of a batch land on few pages, a roll-up reads one run
    of them, retention removes whole runs, and a check's hour is 360 seeks.
    """

    pk = models.CompositePrimaryKey("cell", "check_id", "at_ms")
    cell = models.IntegerField("十秒格")
    check_id = models.BigIntegerField("检查项")
    at_ms = models.BigIntegerField("时刻")
    code = models.SmallIntegerField("结论")
    duration_us = models.IntegerField("耗时（微秒）")
    suspect = models.SmallIntegerField("存疑", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "原始结果"
        db_table = "operations_rawresult"


class ResultNote(models.Model):
    """What a result said beside its verdict (结果记录): message, metrics, trace of failures and changes."""

    check_row = models.ForeignKey(Check, models.CASCADE, verbose_name="检查项", related_name="notes")
    at_ms = models.BigIntegerField("时刻")
    code = models.SmallIntegerField("结论")
    duration_us = models.IntegerField("耗时（微秒）", default=0)
    suspect = models.BooleanField("存疑", default=False)
    prober = models.ForeignKey(Prober, models.SET_NULL, verbose_name="探测器", null=True, related_name="+")
    message = models.CharField("说明", max_length=500, blank=True)
    metrics = models.JSONField("指标", null=True, blank=True)
    trace = models.JSONField("过程", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "结果记录"
        ordering: ClassVar = ["-at_ms"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["check_row", "at_ms"], name="ops_note_once")]

    def __str__(self) -> str:
        return self.message


class Rollup5m(models.Model):
    """Five minutes of one check (五分钟汇总), kept for years."""

    pk = models.CompositePrimaryKey("check_id", "slot")
    check_id = models.BigIntegerField("检查项")
    slot = models.IntegerField("五分钟段")
    n = models.IntegerField("次数")
    n_ok = models.IntegerField("正常")
    n_warning = models.IntegerField("警告")
    n_critical = models.IntegerField("异常")
    n_unknown = models.IntegerField("未知")
    n_suspect = models.IntegerField("存疑")
    duration_sum_us = models.BigIntegerField("耗时合计（微秒）")
    duration_max_us = models.IntegerField("最大耗时（微秒）")
    duration_min_us = models.IntegerField("最小耗时（微秒）", default=0)
    duration_p95_us = models.IntegerField("耗时 95 分位（微秒）", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "五分钟汇总"
        db_table = "operations_rollup5m"


class RawMetric(models.Model):
    """The numbers beside one result (原始指标) of a check that has trends; kept as long as raw results."""

    pk = models.CompositePrimaryKey("cell", "check_id", "at_ms")
    cell = models.IntegerField("十秒格")
    check_id = models.BigIntegerField("检查项")
    at_ms = models.BigIntegerField("时刻")
    metrics = models.JSONField("指标")

    class Meta:
        verbose_name = verbose_name_plural = "原始指标"
        db_table = "operations_rawmetric"


class MetricRollup5m(models.Model):
    """Five minutes of one metric of a check (指标五分钟汇总), kept for years."""

    pk = models.CompositePrimaryKey("check_id", "metric", "slot")
    check_id = models.BigIntegerField("检查项")
    metric = models.CharField("指标", max_length=60)
    slot = models.IntegerField("五分钟段")
    n = models.IntegerField("次数")
    total = models.FloatField("合计")
    least = models.FloatField("最小")
    most = models.FloatField("最大")
    p95 = models.FloatField("95 分位")

    class Meta:
        verbose_name = verbose_name_plural = "指标五分钟汇总"
        db_table = "operations_metricrollup5m"


class BandState(models.Model):
    """How a metric stands to its band now (基线状态): a cache of the last judgement, with its arithmetic."""

    check_row = models.ForeignKey(Check, models.CASCADE, verbose_name="检查项", related_name="band_states")
    metric = models.CharField("指标", max_length=60)
    verdict = models.CharField("结论", max_length=12)
    at_ms = models.BigIntegerField("时段起点")
    since_ms = models.BigIntegerField("起点")
    value = models.FloatField("当前值")
    words = models.CharField("判定说明", max_length=300)

    class Meta:
        verbose_name = verbose_name_plural = "基线状态"
        ordering: ClassVar = ["check_row", "metric"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["check_row", "metric"], name="ops_band_once")
        ]

    def __str__(self) -> str:
        return f"{self.check_row_id} {self.metric} {self.verdict}"


class StorageSample(models.Model):
    """How large a table was at an instant (存储占用采样)."""

    at = models.DateTimeField("时刻", db_index=True)
    table = models.CharField("表", max_length=60)
    size = models.BigIntegerField("字节数")
    rows = models.BigIntegerField("行数")

    class Meta:
        verbose_name = verbose_name_plural = "存储占用采样"
        ordering: ClassVar = ["-at", "table"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["at", "table"], name="ops_sample_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.size}"


class StaleSlot(models.Model):
    """A five-minute slot whose roll-up must be made again since late results came (待重汇总)."""

    slot = models.IntegerField("五分钟段", primary_key=True)

    class Meta:
        verbose_name = verbose_name_plural = "待重汇总时段"

    def __str__(self) -> str:
        return str(self.slot)


class BatchReceipt(models.Model):
    """Proof that a prober's batch was taken (上报回执): the reason nothing is counted twice."""

    prober = models.ForeignKey(Prober, models.CASCADE, verbose_name="探测器", related_name="receipts")
    boot = models.CharField("启动标识", max_length=40)
    seq = models.BigIntegerField("批次号")
    received_at = models.DateTimeField("收到时间", db_index=True)
    results = models.IntegerField("结果数")
    accepted = models.IntegerField("采用数")

    class Meta:
        verbose_name = verbose_name_plural = "上报回执"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["prober", "boot", "seq"], name="ops_receipt_once")
        ]

    def __str__(self) -> str:
        return f"{self.prober_id} {self.boot} {self.seq}"


class HeartbeatPing(models.Model):
    """One sign of life that a job gave (心跳)."""

    check_row = models.ForeignKey(Check, models.CASCADE, verbose_name="检查项", related_name="pings")
    at_ms = models.BigIntegerField("时刻")
    signal = models.CharField(
        "信号", max_length=8, choices=[("start", "开始"), ("success", "成功"), ("fail", "失败")]
    )
    address = models.CharField("来源地址", max_length=64, blank=True)
    body = models.CharField("附言", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "心跳"
        ordering: ClassVar = ["-at_ms"]
        indexes: ClassVar = [models.Index(fields=["check_row", "-at_ms"], name="ops_ping_recent")]

    def __str__(self) -> str:
        return f"{self.check_row_id} {self.signal}"
