"""Roles (角色) and who holds them where and when (授权)."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from taxops.platform.identity.terms import RoleKind

from .organisations import OrgUnit
from .people import Person


class Role(models.Model):
    """A named set of permissions (角色)."""

    code = models.SlugField("角色代码", max_length=40, unique=True)
    name = models.CharField("角色名称", max_length=40, unique=True)
    kind = models.CharField("类别", max_length=16, choices=RoleKind.pairs(), default=RoleKind.NORMAL)
    permissions = models.JSONField("权限", default=list)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    is_active = models.BooleanField("在用", default=True)
    is_seeded = models.BooleanField("内置", default=False)
    is_edited = models.BooleanField("已改动内置权限", default=False)
    position = models.PositiveSmallIntegerField("次序", default=100)

    class Meta:
        verbose_name = "角色"
        verbose_name_plural = "角色"
        ordering = ("position", "code")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in RoleKind]), name="identity_role_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoleAssignment(models.Model):
    """A role held over an organisation subtree during `[valid_from, valid_to)` (授权).

    The database refuses two overlapping assignments of different administrator kinds to one person
    (三员分立; see `guards`), and an assignment that its holder granted.
    """

    person = models.ForeignKey(
        Person, verbose_name="人员", on_delete=models.PROTECT, related_name="assignments"
    )
    role = models.ForeignKey(Role, verbose_name="角色", on_delete=models.PROTECT, related_name="assignments")
    org = models.ForeignKey(
        OrgUnit, verbose_name="机构范围", on_delete=models.PROTECT, related_name="assignments"
    )
    valid_from = models.DateTimeField("生效时间")
    valid_to = models.DateTimeField("失效时间", null=True, blank=True)
    granted_by = models.ForeignKey(
        Person, verbose_name="授权人", on_delete=models.PROTECT, null=True, blank=True, related_name="granted"
    )
    granted_at = models.DateTimeField("授权时间")
    revoked_by = models.ForeignKey(
        Person, verbose_name="收回人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField("授权理由", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "授权"
        verbose_name_plural = "授权"
        ordering = ("person", "role", "-valid_from")
        indexes = [models.Index(fields=("person", "valid_from"), name="identity_assignment_person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="identity_assignment_validity",
                violation_error_message="失效时间不得早于生效时间。",
            ),
            models.CheckConstraint(
                condition=models.Q(granted_by=None) | ~models.Q(granted_by=models.F("person")),
                name="identity_assignment_not_self",
                violation_error_message="不得给自己授权。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role_id} {self.org_id}"

    def is_valid_at(self, instant: datetime) -> bool:
        """Test whether the assignment holds at that instant (有效)."""
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)
