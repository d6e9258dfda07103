"""The organisation tree (机构树) and its history (机构沿革)."""

from __future__ import annotations

from datetime import date

from django.db import models

from taxops.platform.identity.terms import OrgChangeKind, OrgLevel


class OrgUnit(models.Model):
    """A tax authority or hall (机构). Units are merged or closed (撤并), never deleted.

    `path` is the chain of codes from the root, each followed by a slash, so that a prefix of it
    is a subtree; `valid_to` is the first day on which the unit does not exist any more.
    """

    code = models.CharField("机构代码", max_length=20, unique=True)
    name = models.CharField("机构名称", max_length=120)
    short_name = models.CharField("简称", max_length=40, blank=True, default="")
    level = models.CharField("层级", max_length=10, choices=OrgLevel.pairs())
    parent = models.ForeignKey(
        "self",
        verbose_name="上级机构",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    path = models.CharField("代码路径", max_length=200, unique=True)
    pinyin = models.CharField("拼音排序键", max_length=400, blank=True, default="")
    valid_from = models.DateField("成立日期")
    valid_to = models.DateField("撤销日期", null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        verbose_name="并入机构",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="absorbed",
    )

    class Meta:
        verbose_name = "机构"
        verbose_name_plural = "机构"
        ordering = ("pinyin", "code")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="identity_org_validity",
                violation_error_message="撤销日期必须晚于成立日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    def is_valid_on(self, day: date) -> bool:
        """Test whether the unit exists on that day (当日有效)."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def level_label(self) -> str:
        """Chinese name of the level (层级)."""
        return OrgLevel.label_of(self.level)


class OrgChange(models.Model):
    """One line of a unit's history (机构沿革): what it was and what it became, and when that was entered."""

    org = models.ForeignKey(OrgUnit, verbose_name="机构", on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField("变动类型", max_length=10, choices=OrgChangeKind.pairs())
    effective_on = models.DateField("生效日期")
    entered_at = models.DateTimeField("录入时间")
    actor_name = models.CharField("经办人", max_length=80)
    before = models.JSONField("变动前", default=dict)
    after = models.JSONField("变动后", default=dict)

    class Meta:
        verbose_name = "机构沿革"
        verbose_name_plural = "机构沿革"
        ordering = ("-entered_at", "-id")

    def __str__(self) -> str:
        return f"{self.org_id} {OrgChangeKind.label_of(self.kind)}"

    def _differing(self, values: dict[str, object]) -> list[tuple[str, object]]:
        other = self.after if values is self.before else self.before
        return [(name, value) for name, value in values.items() if not other or other.get(name) != value]

    @property
    def differing_before(self) -> list[tuple[str, object]]:
        """What of the former values changed (变动前)."""
        return self._differing(self.before)

    @property
    def differing_after(self) -> list[tuple[str, object]]:
        """What it became (变动后)."""
        return self._differing(self.after)
