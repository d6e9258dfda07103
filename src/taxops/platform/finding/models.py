"""What is found: one row per indexed thing. Its grams lie beside it in `finding_fts` (FTS5, or tsvector with GIN)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class IndexedText(models.Model):
    """A thing that can be found (检索条目): where it lives, its words, whose it is."""

    kind = models.CharField("种类", max_length=40)
    object_id = models.CharField("编号", max_length=40)
    title = models.CharField("标题", max_length=300)
    body = models.TextField("正文", blank=True, default="")
    facet = models.CharField("分类", max_length=60, blank=True, default="")
    org_path = models.CharField("机构路径", max_length=200, blank=True, default="", db_index=True)
    boost = models.FloatField("加权", default=0.0)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "检索条目"
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("kind", "object_id"), name="finding_one_entry"),
        ]

    def __str__(self) -> str:
        return self.title
