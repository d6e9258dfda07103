"""What a reader has set up for themselves: chosen columns and saved views of lists."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ListSetup(models.Model):
    """How one person wants one list (列表设置)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="人员"
    )
    page = models.CharField("页面", max_length=100)
    columns = models.JSONField("显示的列", default=list)
    size = models.PositiveSmallIntegerField("每页行数", default=50)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "page"], name="web_listsetup_once")]


class SavedView(models.Model):
    """A query of a list that a person keeps under a name (常用视图); its link works for colleagues too."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="人员"
    )
    page = models.CharField("页面", max_length=100)
    label = models.CharField("名称", max_length=40)
    query = models.CharField("条件", max_length=2000)
    created_at = models.DateTimeField("保存时间")

    class Meta:
        ordering = ["label"]
        constraints = [models.UniqueConstraint(fields=["person", "page", "label"], name="web_savedview_once")]
