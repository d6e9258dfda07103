"""What a program asks about itself (接口：本人): who its token is, and what it may do where."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

router = Router(tags=["身份"])


class Me(Schema):
    """Who asks (本人)."""

    actor: str
    via: str
    permissions: dict[str, list[str]]


@router.get("", response=Me, summary="本人及权限")
def me(request: HttpRequest) -> Any:
    """Return who asks and, for each permission, the organisation paths where it holds."""
    scope = request.scope  # type: ignore[attr-defined]  # set by IdentityMiddleware
    return {
        "actor": scope.actor_name,
        "via": scope.via,
        "permissions": {code: list(scope.paths(code)) for code in sorted(scope.grants)},
    }
