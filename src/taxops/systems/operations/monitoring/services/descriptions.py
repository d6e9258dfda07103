"""What a stored check says of itself (检查项描述): its definition, with and without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.base import BadInput
from taxops.systems.operations.monitoring import sealing
from taxops.systems.operations.monitoring.definitions import Definition
from taxops.systems.operations.monitoring.models import Check

_MASK = "（已加密）"


def definition_of(check: Check) -> Definition:
    """Return a stored check's definition, without its secrets."""
    return Definition(
        name=check.name,
        kind=check.kind,
        target=check.target,
        params=check.params,
        conditions=tuple(check.conditions),
        warnings=tuple(check.warnings),
        interval_s=check.interval_s,
        retry_interval_s=check.retry_interval_s,
        timeout_s=check.timeout_s,
        confirm=check.confirm,
        recover=check.recover,
        flap=check.flap,
        flap_results=check.flap_results,
        flap_high=check.flap_high,
        flap_low=check.flap_low,
        zone=check.zone,
        item=check.item,
        severity=check.severity,
        note=check.note,
        asset_id=check.asset_id,
        prober_id=check.prober_id,
        code=check.code,
    )


def shown_definition(check: Check) -> dict[str, Any]:
    """Return a definition as audit and version history may show it: secrets by name only."""
    params: dict[str, Any] = dict(check.params)
    params.update(dict.fromkeys(kept_secrets(check), _MASK))
    return {
        "name": check.name,
        "system": check.system.code,
        "kind": check.kind,
        "target": check.target,
        "params": params,
        "conditions": list(check.conditions),
        "warnings": list(check.warnings),
        "interval_s": check.interval_s,
        "retry_interval_s": check.retry_interval_s,
        "timeout_s": check.timeout_s,
        "confirm": check.confirm,
        "recover": check.recover,
        "flap": check.flap,
        "flap_results": check.flap_results,
        "flap_high": check.flap_high,
        "flap_low": check.flap_low,
        "zone": check.zone,
        "item": check.item,
        "severity": check.severity,
        "note": check.note,
    }


def kept_secrets(check: Check) -> Mapping[str, Any]:
    """Return the secrets a check has; none when they cannot be opened any more (another installation's key)."""
    try:
        return sealing.reveal(check.sealed, bound_to=check.code)
    except BadInput:
        return {}


def sealed_names(check: Check) -> frozenset[str]:
    """Return which secret parameters a check has, by name (已加密的参数)."""
    return frozenset(kept_secrets(check))
