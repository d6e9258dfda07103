"""Scope (权限范围): who acts, with which permissions, over which organisation subtrees. Always an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import NotPermitted


@dataclass(frozen=True, slots=True)
class Scope:
    """What one actor may do where.

    An organisation path is the chain of codes from the root, each followed by a slash
    (`"100000/122000/122010/"`), so that "inside the subtree" is a prefix test.

    Args:
        actor_id: the person's id; None for the platform itself.
        actor_name: shown in histories and logs.
        grants: permission code → organisation path prefixes; the prefix `""` means everywhere.
        address: where the request came from (网络地址), for the audit log.
        via: how the actor came in: `page`, `api`, `job`, `cli`.
    """

    actor_id: int | None
    actor_name: str
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    address: str = ""
    via: str = "page"
    is_system: bool = False

    @classmethod
    def system(cls, name: str, via: str = "job") -> Scope:
        """Return the scope of the platform itself (a worker, the prober); everywhere, and named in the log."""
        return cls(actor_id=None, actor_name=name, via=via, is_system=True)

    def paths(self, permission: str) -> tuple[str, ...]:
        """Return the path prefixes within which `permission` holds; empty when it holds nowhere."""
        if self.is_system:
            return ("",)
        found = sorted(set(self.grants.get(permission, ())))
        kept: list[str] = []
        for path in found:
            if not any(path.startswith(k) for k in kept):
                kept.append(path)
        return tuple(kept)

    def has(self, permission: str) -> bool:
        """Test whether `permission` holds anywhere."""
        return self.is_system or bool(self.grants.get(permission))

    def allows(self, permission: str, path: str) -> bool:
        """Test whether `permission` holds at the organisation with this path."""
        return any(path.startswith(prefix) for prefix in self.paths(permission))

    def require(self, permission: str, path: str | None = None) -> None:
        """Do nothing when `permission` holds (at `path`, if given).

        Raises:
            NotPermitted: it does not.
        """
        if not self.has(permission) or (path is not None and not self.allows(permission, path)):
            raise NotPermitted(
                "您没有办理这件事的权限，或它不在您的管理范围内。",
                f"需要权限「{permission}」；如确需办理，请联系安全管理员授权。",
            )
