"""The trail's nouns (审计日志): entries, the head of their chain, seals."""

from __future__ import annotations

import json
from typing import Any

from django.db import models


class AuditEntry(models.Model):
    """One act that somebody did (审计记录). Written once; the database refuses to change or delete it.

    `before` and `after` hold canonical JSON text, exactly as it was hashed: a database's own JSON type
    would rewrite numbers and so break the chain.
    """

    seq = models.BigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("发生时间")
    entered_at = models.DateTimeField("记录时间")
    actor_id = models.BigIntegerField("操作人编号", null=True)
    actor_name = models.CharField("操作人", max_length=100)
    action = models.CharField("操作", max_length=80)
    kind = models.CharField("对象类型", max_length=60)
    object_id = models.CharField("对象编号", max_length=80)
    label = models.CharField("对象名称", max_length=200, blank=True)
    before = models.TextField("变更前", blank=True)
    after = models.TextField("变更后", blank=True)
    org_path = models.CharField("机构路径", max_length=200, blank=True)
    address = models.CharField("来源地址", max_length=64, blank=True)
    via = models.CharField("途径", max_length=20, blank=True)
    request_id = models.CharField("请求编号", max_length=64, blank=True)
    prev_hash = models.CharField("上一条摘要", max_length=64)
    hash = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "审计记录"
        ordering = ["-seq"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["kind", "object_id", "seq"], name="audit_object_idx"),
            models.Index(fields=["actor_id", "seq"], name="audit_actor_idx"),
            models.Index(fields=["action", "seq"], name="audit_action_idx"),
            models.Index(fields=["at"], name="audit_at_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.actor_name} {self.action} {self.label}"

    @property
    def values_before(self) -> dict[str, Any] | None:
        """Return the values before the act (变更前), or None when there were none."""
        return json.loads(self.before) if self.before else None

    @property
    def values_after(self) -> dict[str, Any] | None:
        """Return the values after the act (变更后), or None when there are none."""
        return json.loads(self.after) if self.after else None


class AuditHead(models.Model):
    """Where the chain ends (链头). One row; whoever writes an entry locks it, so the chain never forks."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField("最末序号", default=0)
    hash = models.CharField("最末摘要", max_length=64)

    class Meta:
        verbose_name = "审计链头"
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"


class AuditSeal(models.Model):
    """The chain's head at some time, signed (封签), to be kept elsewhere as well."""

    seq = models.BigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("封签时间")
    hash = models.CharField("摘要", max_length=64)
    public_key = models.CharField("公钥", max_length=128)
    signature = models.CharField("签名", max_length=160)

    class Meta:
        verbose_name = "审计封签"
        ordering = ["-seq"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"
