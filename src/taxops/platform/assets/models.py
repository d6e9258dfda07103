"""Assets, their types and how they hang together."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .rules import AssetState, RelationKind


class AssetType(models.Model):
    """A kind of asset (资产类型): which attributes its assets have. One row per version."""

    code = models.SlugField("代码", max_length=40)
    version = models.PositiveSmallIntegerField("版本", default=1)
    name = models.CharField("名称", max_length=80)
    icon = models.CharField("图标", max_length=40, default="box")
    fields = models.JSONField("属性定义", default=list)
    is_current = models.BooleanField("现行版本", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "资产类型"
        ordering: ClassVar = ["code", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "version"], name="assets_type_version"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(is_current=True), name="assets_type_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Asset(models.Model):
    """Anything operated (资产): a system, a host, a hall, a device, a licence, a spare part."""

    code = models.CharField("资产编号", max_length=60, unique=True)
    name = models.CharField("名称", max_length=120)
    type = models.ForeignKey(AssetType, models.PROTECT, verbose_name="资产类型", related_name="assets")
    org = models.ForeignKey(
        "identity.OrgUnit", models.PROTECT, verbose_name="所属机构", related_name="assets"
    )
    state = models.CharField(
        "状态", max_length=10, choices=AssetState.pairs(), default=AssetState.IN_USE.value, db_index=True
    )
    attributes = models.JSONField("属性", default=dict, blank=True)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "资产"
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class Relation(models.Model):
    """One asset's tie to another (资产关系): source part_of/runs_on/depends_on/located_in target."""

    source = models.ForeignKey(Asset, models.CASCADE, verbose_name="资产", related_name="relations_out")
    kind = models.CharField("关系", max_length=12, choices=RelationKind.pairs())
    target = models.ForeignKey(Asset, models.CASCADE, verbose_name="对方资产", related_name="relations_in")

    class Meta:
        verbose_name = verbose_name_plural = "资产关系"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "kind", "target"], name="assets_relation_once"),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="assets_relation_no_self"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["target", "kind"], name="assets_relation_back")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"
