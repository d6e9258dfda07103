"""Who may hold which roles together (授权规则): the three administrators (三员) exclude one another."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from taxops.platform.identity.terms import RoleKind

ADMINISTRATORS = frozenset({RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN, RoleKind.AUDIT_ADMIN})

RESERVED = {
    "identity.people": RoleKind.SYSTEM_ADMIN,
    "identity.org": RoleKind.SYSTEM_ADMIN,
    "identity.grant": RoleKind.SECURITY_ADMIN,
    "audit.view": RoleKind.AUDIT_ADMIN,
}
"""Permissions that only a role of one administrator kind may have; else separating the roles is worth nothing."""

NOT_FOR_TOKENS = frozenset({"identity.people", "identity.org", "identity.grant", "identity.token"})
"""What a program never gets: administering identities needs a person with a second factor."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds during `[start, end)` (已有授权); `end` None: until further notice."""

    kind: str
    start: datetime
    end: datetime | None = None


def overlaps(a_start: datetime, a_end: datetime | None, b_start: datetime, b_end: datetime | None) -> bool:
    """Test whether two half-open validities share an instant (有效期重叠); empty ones share none."""
    if (a_end is not None and a_end <= a_start) or (b_end is not None and b_end <= b_start):
        return False
    return (a_end is None or b_start < a_end) and (b_end is None or a_start < b_end)


def clash_of_administrators(wanted: Held, held: Iterable[Held]) -> Held | None:
    """Return what is held that excludes the wanted role (三员互斥), or None."""
    if wanted.kind not in ADMINISTRATORS:
        return None
    for other in held:
        if (
            other.kind in ADMINISTRATORS
            and other.kind != wanted.kind
            and overlaps(wanted.start, wanted.end, other.start, other.end)
        ):
            return other
    return None


def reserved_problems(kind: str, permissions: Collection[str]) -> list[tuple[str, RoleKind]]:
    """Return the permissions that a role of this kind may not have, with the kind that may (专属权限)."""
    return [
        (code, RESERVED[code]) for code in sorted(permissions) if code in RESERVED and RESERVED[code] != kind
    ]
