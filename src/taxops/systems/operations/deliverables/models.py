"""The nouns of deliverables (交付物): the paper of a period, its versions, who signed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .words import Kind, Signer, Standing

__all__ = ["Deliverable", "DeliverableSignature", "DeliverableVersion"]


class Deliverable(models.Model):
    """A paper that is owed for a period (交付物); what it says is in its versions."""

    kind = models.CharField("种类", max_length=20, choices=Kind.pairs())
    org = models.ForeignKey("identity.OrgUnit", models.PROTECT, verbose_name="机构", related_name="+")
    day = models.DateField("日期")
    number = models.CharField("文号", max_length=60)
    latest = models.PositiveIntegerField("现行版本", default=0)
    standing = models.CharField(
        "状态", max_length=10, choices=Standing.pairs(), default=Standing.DRAFT.value, db_index=True
    )
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "交付物"
        ordering: ClassVar = ["-day", "org_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "org", "day"], name="ops_deliverable_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"


class DeliverableVersion(models.Model):
    """What was known when it was made (交付物版本): frozen inputs with their digest; never changed.

    The files are made from the inputs again whenever somebody signs.
    """

    deliverable = models.ForeignKey(
        Deliverable, models.PROTECT, verbose_name="交付物", related_name="versions"
    )
    version = models.PositiveIntegerField("版本")
    inputs = models.TextField("冻结数据")
    digest = models.CharField("数据摘要（SM3）", max_length=64)
    made_at = models.DateTimeField("生成时间")
    made_by = models.CharField("生成者", max_length=100)
    why = models.CharField("修订原因", max_length=1000, blank=True)
    changes = models.JSONField("与上一版的差异", default=list)
    docx = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="Word", null=True, blank=True, related_name="+"
    )
    pdf = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="PDF", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "交付物版本"
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["deliverable", "version"], name="ops_deliverable_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} 第 {self.version} 版"


class DeliverableSignature(models.Model):
    """That somebody signed a version (签字), in which role and when."""

    version = models.ForeignKey(
        DeliverableVersion, models.PROTECT, verbose_name="版本", related_name="signatures"
    )
    role = models.CharField("签字角色", max_length=10, choices=Signer.pairs())
    person = models.ForeignKey("identity.Person", models.PROTECT, verbose_name="签字人", related_name="+")
    signed_at = models.DateTimeField("签字时间")
    note = models.CharField("意见", max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "交付物签字"
        ordering: ClassVar = ["signed_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "role"], name="ops_deliverable_signed_once")
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.get_role_display()}"
