"""The kept live events (实时事件): a short window of what was told, so that pages can catch up."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LiveEvent(models.Model):
    """One thing told to open pages (实时事件); its id is the `Last-Event-ID` of the stream."""

    topic = models.CharField("主题", max_length=120)
    path = models.CharField("机构路径", max_length=200, default="")
    key = models.CharField("对象", max_length=120, default="")
    payload = models.TextField("内容")
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "实时事件"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.topic} {self.key}"
