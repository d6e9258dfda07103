"""Stored files (文件): the row says what a file is called and whose it is; the bytes lie under their hash."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class StoredFile(models.Model):
    """A stored file (文件). Several rows may share one set of bytes."""

    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小（字节）")
    sm3 = models.CharField("SM3 摘要", max_length=64, db_index=True)
    media_type = models.CharField("内容类型", max_length=120)
    purpose = models.CharField("用途", max_length=40, db_index=True)
    org = models.ForeignKey(
        "identity.OrgUnit", models.PROTECT, null=True, blank=True, verbose_name="所属机构", related_name="+"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="上传人",
        related_name="+",
    )
    uploaded_at = models.DateTimeField("上传时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        ordering: ClassVar = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.name
