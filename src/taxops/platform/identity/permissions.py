"""Every permission there is (权限清单), filled from the manifests when the platform starts."""

from __future__ import annotations

from dataclasses import dataclass

from taxops.engines.base import BadInput, Scope

from .rules import NOT_FOR_TOKENS


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission (权限): its code, its Chinese name and the group it is listed under."""

    code: str
    label: str
    group: str


_declared: dict[str, Permission] = {}


def declare(code: str, label: str, group: str) -> None:
    """Make a permission known; declaring it again in the same words changes nothing.

    Raises:
        ValueError: the code is known by another name.
    """
    permission = Permission(code, label, group)
    if _declared.setdefault(code, permission) != permission:
        raise ValueError(f"permission {code} is declared twice")


def all() -> list[Permission]:  # noqa: A001  the agreed name; read as permissions.all()
    """Return every permission, in the order of declaration."""
    return list(_declared.values())


def groups() -> dict[str, list[Permission]]:
    """Return the permissions under the name of their group, as a form shows them."""
    found: dict[str, list[Permission]] = {}
    for permission in _declared.values():
        found.setdefault(permission.group, []).append(permission)
    return found


def label(code: str) -> str:
    """Return the Chinese name of a permission, or the code itself when it is not known any more."""
    return _declared[code].label if code in _declared else code


def require_known(codes: list[str]) -> None:
    """Do nothing when every code is declared.

    Raises:
        BadInput: some are not; they are named.
    """
    unknown = sorted(set(codes) - set(_declared))
    if unknown:
        raise BadInput(
            f"没有名为「{'、'.join(unknown)}」的权限。", "请从权限清单中选择。", field="permissions"
        )


def for_tokens(scope: Scope) -> list[Permission]:
    """Return the permissions that this actor may give to an API token: his own, without identity's."""
    return [p for p in _declared.values() if p.code not in NOT_FOR_TOKENS and scope.has(p.code)]
