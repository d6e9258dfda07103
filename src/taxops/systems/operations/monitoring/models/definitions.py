"""What is watched, and by whom: systems, checks, probers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taxops.systems.operations.monitoring.words import Severity, Zone


class MonitoredSystem(models.Model):
    """A system that is watched (监控系统), with the tree that says when it counts as down."""

    code = models.CharField("系统代码", max_length=40, unique=True)
    name = models.CharField("系统名称", max_length=80)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    asset = models.ForeignKey(
        "assets.Asset", models.PROTECT, verbose_name="对应资产", null=True, blank=True, related_name="+"
    )
    description = models.CharField("说明", max_length=400, blank=True)
    tree = models.JSONField("健康树", null=True, blank=True)
    tree_from = models.DateTimeField("现行健康树生效时间")
    severity = models.CharField(
        "重要程度", max_length=10, choices=Severity.pairs(), default=Severity.MAJOR.value
    )
    service_note = models.CharField("服务时间说明", max_length=200, blank=True)
    sort = models.PositiveSmallIntegerField("排序", default=100)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("更新时间")
    archived_at = models.DateTimeField("归档时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "监控系统"
        ordering: ClassVar = ["sort", "code"]

    def __str__(self) -> str:
        return self.name


class Prober(models.Model):
    """A process that carries out checks (探测器), known by its token."""

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=80, blank=True)
    zone = models.CharField(
        "网络区域", max_length=10, choices=Zone.pairs(), blank=True, help_text="留空：负责全部区域"
    )
    org = models.ForeignKey(
        "identity.OrgUnit", models.PROTECT, verbose_name="所属机构", null=True, blank=True, related_name="+"
    )
    token = models.OneToOneField(
        "identity.ApiToken", models.SET_NULL, verbose_name="接口令牌", null=True, related_name="+"
    )
    enabled = models.BooleanField("启用", default=True)
    boot = models.CharField("本次启动", max_length=40, blank=True)
    software = models.CharField("软件版本", max_length=40, blank=True)
    address = models.CharField("网络地址", max_length=64, blank=True)
    skew_ms = models.IntegerField("时钟偏差", default=0)
    vitals = models.JSONField("自身指标", default=dict, blank=True)
    first_seen_at = models.DateTimeField("首次联系", null=True, blank=True)
    last_seen_at = models.DateTimeField("最近联系", null=True, blank=True, db_index=True)
    last_batch_at = models.DateTimeField("最近上报", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "探测器"
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name or self.code


class Check(models.Model):
    """One thing that is looked at, how, and what must hold (检查项)."""

    code = models.CharField("编号", max_length=60, unique=True)
    system = models.ForeignKey(
        MonitoredSystem, models.PROTECT, verbose_name="所属系统", related_name="checks"
    )
    asset = models.ForeignKey(
        "assets.Asset", models.PROTECT, verbose_name="对应资产", null=True, blank=True, related_name="+"
    )
    name = models.CharField("名称", max_length=120)
    kind = models.CharField("检查类型", max_length=20, db_index=True)
    target = models.CharField("检查对象", max_length=500, blank=True)
    params = models.JSONField("参数", default=dict, blank=True)
    sealed = models.TextField("加密参数", blank=True, editable=False)
    conditions = models.JSONField("正常条件", default=list, blank=True)
    warnings = models.JSONField("警告条件", default=list, blank=True)
    bands = models.JSONField("基线", default=list, blank=True)
    interval_s = models.FloatField("检查间隔（秒）", default=60)
    retry_interval_s = models.FloatField("确认间隔（秒）", default=10)
    timeout_s = models.FloatField("超时（秒）", default=5)
    confirm = models.PositiveSmallIntegerField("确认次数", default=3)
    recover = models.PositiveSmallIntegerField("恢复次数", default=2)
    flap = models.BooleanField("判定抖动", default=True)
    flap_results = models.PositiveSmallIntegerField("抖动判定次数", default=20)
    flap_high = models.PositiveSmallIntegerField("抖动开始（%）", default=30)
    flap_low = models.PositiveSmallIntegerField("抖动结束（%）", default=20)
    zone = models.CharField(
        "网络区域", max_length=10, choices=Zone.pairs(), default=Zone.INTRANET.value, db_index=True
    )
    item = models.CharField("监控内容", max_length=4, blank=True, db_index=True)
    severity = models.CharField(
        "重要程度", max_length=10, choices=Severity.pairs(), default=Severity.MAJOR.value
    )
    note = models.CharField("备注", max_length=400, blank=True)
    enabled = models.BooleanField("启用", default=True)
    prober = models.ForeignKey(
        Prober, models.SET_NULL, verbose_name="指定探测器", null=True, blank=True, related_name="+"
    )
    heartbeat_key = models.CharField("心跳标识", max_length=40, null=True, blank=True, unique=True)
    silence_ms = models.BigIntegerField("判为无数据的时长（毫秒）", default=200_000)
    version = models.PositiveIntegerField("版本", default=1)
    version_from_ms = models.BigIntegerField("现行版本生效时刻", default=0)
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("更新时间")
    archived_at = models.DateTimeField("归档时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查项"
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [models.Index(fields=["system", "archived_at"], name="ops_check_of_system")]

    def __str__(self) -> str:
        return self.name


class CheckVersion(models.Model):
    """A check's definition as it stood from one moment on (检查项版本); secrets are masked."""

    check_row = models.ForeignKey(Check, models.PROTECT, verbose_name="检查项", related_name="versions")
    version = models.PositiveIntegerField("版本")
    definition = models.JSONField("定义")
    from_ms = models.BigIntegerField("生效时刻（毫秒）")
    entered_at = models.DateTimeField("录入时间")
    entered_by = models.CharField("录入人", max_length=80)

    class Meta:
        verbose_name = verbose_name_plural = "检查项版本"
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["check_row", "version"], name="ops_check_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.check_row_id} v{self.version}"


class ControlRoom(models.Model):
    """The one row that counts changes of what probers must do, how far roll-ups are, what is kept (调度计数)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    assignments = models.BigIntegerField("任务版本", default=1)
    rolled_to = models.IntegerField("已汇总到的时段", default=0)
    last_slot = models.JSONField("最近时段的行数", default=dict)
    raw_days = models.PositiveSmallIntegerField("原始结果保留天数", default=7)
    note_days = models.PositiveSmallIntegerField("结果记录保留天数", default=30)
    rollup_days = models.PositiveSmallIntegerField("五分钟汇总保留天数", default=1826)
    change_days = models.PositiveSmallIntegerField("状态变化保留天数", default=3653)

    class Meta:
        verbose_name = verbose_name_plural = "调度计数"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="ops_one_control_room")
        ]

    def __str__(self) -> str:
        return str(self.assignments)
