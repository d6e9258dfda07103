"""Cases and their histories (事项与历史). Events are only ever added; everything else can be rebuilt from them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat, Lower

from taxops.engines.cases import Phase

from .rules import LinkKind

FAR = datetime(9000, 1, 1, tzinfo=UTC)
"""Where cases without a running clock stand when they are sorted by what breaches next."""


class TypeVersion(models.Model):
    """The text of a case type as it once was (事项类型版本): cases stay under the rules they were opened with."""

    code = models.CharField("类型代码", max_length=40, db_index=True)
    label = models.CharField("名称", max_length=60)
    digest = models.CharField("摘要", max_length=64, unique=True)
    source = models.TextField("原文")
    kept_at = models.DateTimeField("留存时间")

    class Meta:
        verbose_name = verbose_name_plural = "事项类型版本"

    def __str__(self) -> str:
        return f"{self.label} {self.digest[:8]}"


class CaseCounter(models.Model):
    """The last number given on a day (编号计数)."""

    key = models.CharField("前缀与日期", max_length=40, primary_key=True)
    last = models.PositiveIntegerField("末号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号计数"

    def __str__(self) -> str:
        return f"{self.key} {self.last}"


class Case(models.Model):
    """A case (事项) as it stands: a cache of its history, rebuilt by `services.rebuild`.

    `version` is the number of its last event; `due_at` the instant at which its next running clock reaches its
    limit, `near_at` that of four fifths of it; both empty while nothing runs.
    """

    number = models.CharField("编号", max_length=24, unique=True)
    type = models.CharField("类型", max_length=40)
    title = models.CharField("标题", max_length=200)
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="+")
    state = models.CharField("状态", max_length=40)
    phase = models.CharField("阶段", max_length=10, choices=Phase.pairs())
    level = models.CharField("级别", max_length=20, blank=True)
    channel = models.CharField("渠道", max_length=20, blank=True)
    system = models.CharField("系统", max_length=60, blank=True)
    requester = models.CharField("提出人", max_length=80, blank=True)
    fingerprint = models.CharField("指纹", max_length=120, blank=True)
    key = models.CharField("发起键", max_length=120, unique=True, null=True, blank=True)
    queue = models.CharField("队列", max_length=20, blank=True)
    assignee = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        verbose_name="办理人",
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # found through `casework_work`; an index of its own would mislead the planner
    )
    opened_by = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="发起人", null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField("发起时间")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    updated_at = models.DateTimeField("更新时间")
    version = models.PositiveIntegerField("版本")
    policy = models.CharField("规则摘要", max_length=64)
    data = models.JSONField("内容", default=dict)
    reopened = models.PositiveSmallIntegerField("重开次数", default=0)
    due_at = models.DateTimeField("最近到期", null=True, blank=True)
    due_label = models.CharField("最近到期的时限", max_length=60, blank=True)
    near_at = models.DateTimeField("最近预警", null=True, blank=True)
    is_open = models.BooleanField("在办", default=True)
    due_sort = models.DateTimeField("到期排序", default=FAR)
    breached = models.BooleanField("曾超时", default=False)
    head = models.CharField("链头摘要", max_length=64)
    sought = models.GeneratedField(  # one text to look at instead of three to fold and look at, for each of all cases
        expression=Lower(Concat("number", Value("\n"), "title", Value("\n"), "requester")),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="检索文字",
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, verbose_name="并入事项", null=True, blank=True, related_name="merged"
    )

    class Meta:
        verbose_name = verbose_name_plural = "事项"
        ordering: ClassVar = ["-opened_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-opened_at", "-id"], name="casework_recent"),
            # these two answer "my work" and the queues' counts without touching the rows themselves
            models.Index(
                fields=["due_sort", "opened_at", "id", "queue", "assignee", "org", "opened_by", "type"],
                name="casework_work",
                condition=models.Q(is_open=True),
            ),
            models.Index(
                fields=["queue", "org", "assignee", "due_sort"],
                name="casework_counts",
                condition=models.Q(is_open=True),
            ),
            models.Index(fields=["type", "phase", "-opened_at"], name="casework_type"),
            models.Index(fields=["fingerprint", "phase"], name="casework_fingerprint"),
            models.Index(fields=["system", "type", "opened_at"], name="casework_system"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class CaseEvent(models.Model):
    """One line of a case's history (事项事件). Written once; `hash` chains it to the line before.

    `at` is when it happened, `entered_at` when it was written down; `data` is canonical text, as hashed.
    """

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="事项", related_name="events")
    seq = models.PositiveIntegerField("序号")
    kind = models.CharField("种类", max_length=12)
    at = models.DateTimeField("发生时间")
    entered_at = models.DateTimeField("录入时间")
    actor = models.ForeignKey(
        "identity.Person", models.PROTECT, verbose_name="办理人", null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField("办理人姓名", max_length=100)
    data = models.TextField("内容")
    key = models.CharField("幂等键", max_length=120, blank=True)
    prev_hash = models.CharField("上一条摘要", max_length=64)
    hash = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "事项事件"
        ordering: ClassVar = ["case", "seq"]
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "seq"], name="casework_event_seq"),
            models.UniqueConstraint(
                fields=["case", "key"], condition=~models.Q(key=""), name="casework_event_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.seq} {self.kind}"


class CaseClock(models.Model):
    """A clock of a case as last computed (事项时限), and its next rung of escalation.

    `next_at` is when the next people are to be told, held until the calendar opens unless the case is urgent.
    """

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="事项", related_name="clocks")
    code = models.CharField("时限", max_length=40)
    label = models.CharField("名称", max_length=60)
    state = models.CharField("状态", max_length=10)
    elapsed_s = models.BigIntegerField("已用（秒）")
    target_s = models.BigIntegerField("时限（秒）")
    deadline = models.DateTimeField("到期时间", null=True, blank=True)
    breached = models.BooleanField("超时", default=False)
    computed_at = models.DateTimeField("计算时间")
    problem = models.CharField("无法计算的原因", max_length=300, blank=True)
    next_at = models.DateTimeField("下次升级", null=True, blank=True, db_index=True)
    next_percent = models.PositiveSmallIntegerField("升级比例", null=True, blank=True)
    next_to = models.CharField("升级对象", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "事项时限"
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "code"], name="casework_clock_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.label}"


class CaseEscalation(models.Model):
    """That people were told of a clock (升级记录): once a clock, rung, target and reopening."""

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="事项", related_name="escalations")
    clock = models.CharField("时限", max_length=40)
    percent = models.PositiveSmallIntegerField("比例")
    target_s = models.BigIntegerField("时限（秒）")
    turn = models.PositiveSmallIntegerField("第几次重开", default=0)
    to = models.CharField("对象", max_length=40)
    due_at = models.DateTimeField("应升级时间")
    told_at = models.DateTimeField("通知时间")
    people = models.JSONField("通知的人员", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "升级记录"
        ordering: ClassVar = ["told_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "clock", "percent", "target_s", "turn"], name="casework_escalation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.clock} {self.percent}%"


class CaseAttachment(models.Model):
    """A file that belongs to a case (附件)."""

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="事项", related_name="attachments")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, verbose_name="文件", related_name="+")
    label = models.CharField("说明", max_length=100, blank=True)
    added_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering: ClassVar = ["added_at", "id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.file_id}"


class CaseLink(models.Model):
    """What a case has to do with another (关联): the source is a duplicate of, child of, caused by the target."""

    source = models.ForeignKey(Case, models.PROTECT, verbose_name="事项", related_name="links_out")
    kind = models.CharField("关系", max_length=12, choices=LinkKind.pairs())
    target = models.ForeignKey(Case, models.PROTECT, verbose_name="对方事项", related_name="links_in")
    made_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = verbose_name_plural = "事项关联"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "kind", "target"], name="casework_link_once"),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="casework_link_no_self"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class CaseWatch(models.Model):
    """Somebody who wants to hear of a case (关注)."""

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="事项", related_name="watches")
    person = models.ForeignKey("identity.Person", models.CASCADE, verbose_name="人员", related_name="+")
    since = models.DateTimeField("关注时间")

    class Meta:
        verbose_name = verbose_name_plural = "关注"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "person"], name="casework_watch_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.person_id}"
