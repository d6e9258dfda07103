"""What alerting keeps: alerts and their history, the desk's state, the notice log, routes, silences, policies."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taxops.systems.operations.words import Severity

from .words import AlertState, Reason, Source, What


class Alert(models.Model):
    """The call to somebody to look at a problem (告警): an outage's, or one that was pushed from outside.

    Args:
        key: what makes it one and the same: `outage-17`, or source, fingerprint and beginning.
        fingerprint: identity of the problem over time, of its labels.
        since_at: when the problem began (time of fact); `opened_at` is when the platform came to know.
        group_key: the group it is told in, as the desk says.
        quiet: began inside a maintenance window: kept, shown, not told.
    """

    key = models.CharField("去重键", max_length=160, unique=True)
    fingerprint = models.CharField("指纹", max_length=16, db_index=True)
    labels = models.JSONField("标签", default=dict)
    source = models.CharField(
        "来源", max_length=14, choices=Source.pairs(), default=Source.MONITORING.value, db_index=True
    )
    outage = models.OneToOneField(
        "operations.Outage",
        models.PROTECT,
        verbose_name="中断",
        null=True,
        blank=True,
        related_name="alert",
    )
    system = models.ForeignKey(
        "operations.MonitoredSystem",
        models.PROTECT,
        verbose_name="系统",
        null=True,
        blank=True,
        related_name="alerts",
    )
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    severity = models.CharField("重要程度", max_length=10, choices=Severity.pairs())
    title = models.CharField("标题", max_length=200)
    summary = models.CharField("现象", max_length=500, blank=True)
    link = models.CharField("来源链接", max_length=500, blank=True)
    state = models.CharField(
        "状态", max_length=12, choices=AlertState.pairs(), default=AlertState.OPEN.value, db_index=True
    )
    quiet = models.BooleanField("维护期内", default=False)
    group_key = models.CharField("分组", max_length=300, blank=True, db_index=True)
    since_at = models.DateTimeField("发生时间")
    opened_at = models.DateTimeField("告警时间", db_index=True)
    last_at = models.DateTimeField("最近变化时间")
    acknowledged_at = models.DateTimeField("确认时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="确认人", null=True, blank=True, related_name="+"
    )
    acknowledged_note = models.CharField("确认说明", max_length=400, blank=True)
    resolved_at = models.DateTimeField("恢复时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "告警"
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=models.Q(outage__isnull=True) & ~models.Q(state=AlertState.RESOLVED.value),
                name="ops_alert_one_open",
            )
        ]

    def __str__(self) -> str:
        return self.title


class AlertEvent(models.Model):
    """One line of an alert's history (告警经过); the desk takes each line once."""

    alert = models.ForeignKey(Alert, models.CASCADE, verbose_name="告警", related_name="events")
    what = models.CharField("经过", max_length=14, choices=What.pairs())
    at = models.DateTimeField("时间")
    who = models.CharField("谁", max_length=80, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    is_taken = models.BooleanField("告警台已处理", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "告警经过"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(is_taken=False), name="ops_alert_event_waits")
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.what}"


class AlertDesk(models.Model):
    """The one row that says which state of the desk counts (告警台): its lock, its turns, its next appointment.

    Args:
        stamp: which desk this is; a process that remembers another one forgets it.
        turn: number of the last turn; groups and members bear that of the turn that last wrote them.
        purged: what was over by this turn is no longer there to be taken over by a process that slept since.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    stamp = models.CharField("状态标记", max_length=32, blank=True)
    turn = models.BigIntegerField("轮次", default=0)
    purged = models.BigIntegerField("已清理到的轮次", default=0)
    plan = models.PositiveIntegerField("方案版本", default=1)
    next_ms = models.BigIntegerField("下次处理时刻", null=True, blank=True)
    turned_at = models.DateTimeField("最近处理时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "告警台"
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="ops_one_alert_desk")]

    def __str__(self) -> str:
        return self.stamp


class AlertGroup(models.Model):
    """Alerts that are told together (告警分组), as the desk left them; times in milliseconds since 1970.

    Args:
        due_ms: when the desk looks at it next.
        told_ms: when it was last told; 0: never.
        first_told_ms: when it was first told; escalation counts from here.
        step: how many steps it has climbed.
        count: how many notices it has had.
        is_over: closed; kept for a while so that other processes learn of it.
        turn: the turn that last wrote it.
    """

    key = models.CharField("分组", max_length=300, unique=True)
    route = models.CharField("告警路由", max_length=80, default="")
    due_ms = models.BigIntegerField("下次处理时刻", default=0)
    told_ms = models.BigIntegerField("最近通知时刻", default=0)
    first_told_ms = models.BigIntegerField("首次通知时刻", default=0)
    step = models.PositiveSmallIntegerField("已升级步数", default=0)
    count = models.PositiveIntegerField("通知次数", default=0)
    is_over = models.BooleanField("已结束", default=False)
    turn = models.BigIntegerField("轮次", default=0, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "告警分组"

    def __str__(self) -> str:
        return self.key


class AlertMember(models.Model):
    """An alert in a group (分组成员), as the desk left it; times in milliseconds since 1970.

    Args:
        group_key: of its group.
        labels: those it was routed by.
        told: it was among the firing when the group was last told.
        acknowledged: who has taken it; empty: nobody.
        is_over: out of the group; kept for a while so that other processes learn of it.
        turn: the turn that last wrote it.
    """

    group_key = models.CharField("分组", max_length=300)
    fingerprint = models.CharField("指纹", max_length=16)
    labels = models.JSONField("标签", default=dict)
    since_ms = models.BigIntegerField("发生时刻")
    ended_ms = models.BigIntegerField("恢复时刻", null=True, blank=True)
    last_ms = models.BigIntegerField("最近信号时刻")
    summary = models.CharField("现象", max_length=500, blank=True)
    told = models.BooleanField("已通知", default=False)
    acknowledged = models.CharField("确认人", max_length=80, blank=True)
    is_over = models.BooleanField("已结束", default=False)
    turn = models.BigIntegerField("轮次", default=0, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "分组成员"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group_key", "fingerprint"], name="ops_alert_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.group_key} {self.fingerprint}"


class AlertNotice(models.Model):
    """One notice that the desk decided (告警通知): why, to whom it was to go, and what came of each receiver.

    Args:
        key: of the group, its beginning and its number; a second one of the same key is refused.
        outcomes: `[{receiver, outcome, people: [id], why}]`, as resolved at that instant.
    """

    key = models.CharField("去重键", max_length=64, unique=True)
    group_key = models.CharField("分组", max_length=300, db_index=True)
    route = models.CharField("告警路由", max_length=80)
    reason = models.CharField("原因", max_length=12, choices=Reason.pairs())
    severity = models.CharField("重要程度", max_length=10, choices=Severity.pairs())
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True)
    outcomes = models.JSONField("通知对象", default=list)
    at = models.DateTimeField("通知时间", db_index=True)
    alerts = models.ManyToManyField(Alert, verbose_name="告警", related_name="notices")

    class Meta:
        verbose_name = verbose_name_plural = "告警通知"
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return self.title


class AlertSilence(models.Model):
    """Somebody wants quiet for a while (静默): which labels, who, why, until when."""

    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="适用机构", related_name="+")
    matchers = models.JSONField("匹配条件", default=list)
    reason = models.CharField("原因", max_length=400)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间", db_index=True)
    created_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="建立人", null=True, related_name="+"
    )
    created_at = models.DateTimeField("建立时间")
    ended_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="提前结束人", null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "静默"
        ordering: ClassVar = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gte=models.F("starts_at")), name="ops_silence_forward"
            )
        ]

    def __str__(self) -> str:
        return "，".join(str(text) for text in self.matchers)


class AlertInhibition(models.Model):
    """While a source fires, its targets are not told (抑制规则); retired ones are kept.

    Args:
        code: of a built-in one, which this row replaces; otherwise null.
        org: the subtree in which it holds; null: everywhere.
        retired_at: since when it does not count any more.
    """

    code = models.CharField("内置代码", max_length=20, unique=True, null=True, blank=True)
    name = models.CharField("名称", max_length=60)
    org = models.ForeignKey(
        "identity.OrgUnit", models.PROTECT, verbose_name="适用机构", null=True, blank=True, related_name="+"
    )
    source = models.JSONField("起因", default=list)
    target = models.JSONField("被抑制", default=list)
    equal = models.JSONField("须相同的标签", default=list, blank=True)
    reason = models.CharField("说明", max_length=200)
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "抑制规则"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class AlertPolicy(models.Model):
    """An escalation policy (升级策略): whom to tell when nobody has acknowledged for so long, step by step."""

    name = models.CharField("名称", max_length=60, unique=True)
    org = models.ForeignKey(
        "identity.OrgUnit", models.PROTECT, verbose_name="所属机构", null=True, blank=True, related_name="+"
    )
    steps = models.JSONField("升级步骤", default=list)
    note = models.CharField("说明", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "升级策略"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class AlertRoute(models.Model):
    """Where matching alerts go (告警路由); tried in order, the first that holds wins unless it goes on.

    Args:
        is_default: the last one, without conditions; there is exactly one.
        hold: calendar outside which what is neither urgent nor important waits.
    """

    name = models.CharField("名称", max_length=60)
    position = models.PositiveIntegerField("顺序", default=100)
    is_default = models.BooleanField("默认路由", default=False)
    is_enabled = models.BooleanField("启用", default=True)
    org = models.ForeignKey(
        "identity.OrgUnit", models.PROTECT, verbose_name="适用机构", null=True, blank=True, related_name="+"
    )
    systems = models.JSONField("系统", default=list, blank=True)
    severities = models.JSONField("重要程度", default=list, blank=True)
    matchers = models.JSONField("其他匹配条件", default=list, blank=True)
    times = models.JSONField("生效时间", default=list, blank=True)
    receivers = models.JSONField("通知对象", default=list)
    hold = models.CharField("非紧急等待的日历", max_length=40, blank=True)
    group_by = models.JSONField("分组标签", default=list)
    wait_s = models.PositiveIntegerField("首次通知前等待（秒）", default=0)
    interval_s = models.PositiveIntegerField("同组再次通知间隔（秒）", default=30)
    repeat_s = models.PositiveIntegerField("未恢复重复间隔（秒）", default=14_400)
    policy = models.ForeignKey(
        AlertPolicy, models.PROTECT, verbose_name="升级策略", null=True, blank=True, related_name="routes"
    )
    goes_on = models.BooleanField("继续尝试后面的路由", default=False)
    version = models.PositiveIntegerField("版本", default=1)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "告警路由"
        ordering: ClassVar = ["is_default", "position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="ops_one_default_route"
            )
        ]

    def __str__(self) -> str:
        return self.name
