"""The nouns of background work (后台作业): runs, their history, schedules, workers."""

from __future__ import annotations

from django.db import models

from .rules import State, Step


class JobRun(models.Model):
    """One run of a job (作业): asked for once, tried until it is done, failed or given up.

    The row in `django_tasks_db` named by `ticket` is its place in the queue (排队凭据) and is kept in step.
    `claim` counts how often a worker took the run; it fences off workers that lost their lease (租约).
    """

    id = models.CharField(primary_key=True, max_length=26)
    ticket = models.UUIDField("排队凭据", unique=True)
    name = models.CharField("作业代码", max_length=100)
    title = models.CharField("作业名称", max_length=200)
    args = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=12, choices=State.pairs(), default=State.QUEUED)
    key = models.CharField("幂等键", max_length=200, blank=True)
    once_key = models.CharField("永久幂等键", max_length=200, null=True, unique=True)
    priority = models.SmallIntegerField("优先级", default=0)
    actor_id = models.BigIntegerField("发起人编号", null=True)
    actor_name = models.CharField("发起人", max_length=100)
    is_system = models.BooleanField("平台自身发起", default=False)
    grants = models.JSONField("发起时的权限", default=dict)
    address = models.CharField("来源地址", max_length=64, blank=True)
    created_at = models.DateTimeField("提交时间")
    run_after = models.DateTimeField("最早执行时间")
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)
    attempt = models.PositiveSmallIntegerField("已尝试次数", default=0)
    max_attempts = models.PositiveSmallIntegerField("最多尝试次数")
    lease_s = models.PositiveIntegerField("租约秒数")
    lease_until = models.DateTimeField("租约到期", null=True)
    worker = models.CharField("执行进程", max_length=64, blank=True)
    claim = models.PositiveIntegerField("领取次数", default=0)
    cancel_requested = models.BooleanField("已要求取消", default=False)
    done = models.BigIntegerField("已完成量", default=0)
    total = models.BigIntegerField("总量", default=0)
    text = models.CharField("进展说明", max_length=300, blank=True)
    result = models.JSONField("结果", null=True)
    error = models.CharField("失败原因", max_length=500, blank=True)
    todo = models.CharField("处理建议", max_length=500, blank=True)
    trace = models.TextField("程序堆栈", blank=True)

    class Meta:
        verbose_name = "后台作业"
        ordering = ["-created_at", "-id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["state", "run_after"], name="jobs_state_idx"),
            models.Index(fields=["actor_id", "-created_at"], name="jobs_actor_idx"),
            models.Index(fields=["name", "-created_at"], name="jobs_name_idx"),
            models.Index(fields=["created_at"], name="jobs_created_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"],
                condition=models.Q(state__in=(State.QUEUED, State.RUNNING)) & ~models.Q(key=""),
                name="jobs_key_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.id}"


class JobEvent(models.Model):
    """One step in a run's history (作业历程)."""

    run = models.ForeignKey(JobRun, models.CASCADE, related_name="events")
    at = models.DateTimeField("时间")
    step = models.CharField("步骤", max_length=16, choices=Step.pairs())
    attempt = models.PositiveSmallIntegerField("第几次尝试", default=0)
    worker = models.CharField("执行进程", max_length=64, blank=True)
    text = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = "作业历程"
        ordering = ["id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.step} {self.text}"


class Schedule(models.Model):
    """When a job runs by itself (定时计划). `next_at` moves by compare-and-set, so each slot runs once."""

    name = models.CharField("作业代码", primary_key=True, max_length=100)
    expression = models.CharField("时间表达式", max_length=100)
    next_at = models.DateTimeField("下次执行")
    last_at = models.DateTimeField("上次执行", null=True)
    last_run = models.CharField("上次作业", max_length=26, blank=True)
    is_paused = models.BooleanField("已暂停", default=False)

    class Meta:
        verbose_name = "定时计划"
        ordering = ["name"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} {self.expression}"


class WorkerBeat(models.Model):
    """A sign of life of one worker process (执行进程心跳)."""

    worker = models.CharField("执行进程", primary_key=True, max_length=64)
    host = models.CharField("主机", max_length=100)
    pid = models.PositiveIntegerField("进程号")
    threads = models.PositiveSmallIntegerField("线程数")
    started_at = models.DateTimeField("启动时间")
    seen_at = models.DateTimeField("最近心跳")
    n_running = models.PositiveSmallIntegerField("正在执行", default=0)
    n_finished = models.PositiveBigIntegerField("已执行", default=0)

    class Meta:
        verbose_name = "作业执行进程"
        ordering = ["-seen_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.worker
