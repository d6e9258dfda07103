"""The templates that come with the platform (内置模板): the contracts' items, and what assets of a type need."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from taxops.systems.operations.monitoring.items import all_items

from .rules import Role

_FILE = Path(__file__).parent / "data" / "blueprints.toml"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """One built-in template (内置模板); the digest tells whether the platform's own content changed."""

    code: str
    name: str
    description: str
    content: dict[str, Any]

    @property
    def digest(self) -> str:
        """What its content hashes to."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()


@cache
def built_in() -> tuple[BuiltIn, ...]:
    """Return the built-in templates; one that names items takes their checks and questions in."""
    with _FILE.open("rb") as file:
        found = tomllib.load(file)["blueprint"]
    return tuple(
        BuiltIn(
            one["code"],
            one["name"],
            one["description"],
            _with_items(one.get("items", []), {"asks": one.get("ask", []), "entries": one.get("entry", [])}),
        )
        for one in found
    )


def _with_items(codes: list[str], content: dict[str, Any]) -> dict[str, Any]:
    asks: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for item in all_items():
        if item.code not in codes:
            continue
        prefix = item.code.lower()
        asks += [
            {"name": f"{prefix}.{ask.name}", "label": ask.label, "example": ask.example, "secret": ask.secret,
             "group": f"{item.code} {item.name}"}
            for ask in item.asks
        ]  # fmt: skip
        names = [ask.name for ask in item.asks]
        for sample in item.samples:
            values = json.loads(json.dumps(dict(sample.values)))
            entry = {
                "key": f"{prefix}-{sample.key}",
                "name": sample.name,
                "kind": sample.kind,
                "target": sample.target,
                **values,
                "item": item.code,
                "zone": item.zone,
                "role": _role(values.get("severity", "major"), sample.key),
            }
            if entry["role"] == Role.ANY:
                entry["group"] = f"{item.code} 成员"
            entries.append(_prefixed(entry, prefix, names))
    return {"asks": asks + content["asks"], "entries": entries + content["entries"]}


def _role(severity: str, key: str) -> str:
    if key.startswith("member-"):
        return Role.ANY.value
    return Role.MUST.value if severity in {"critical", "major"} else Role.NONE.value


def _prefixed(value: Any, prefix: str, names: list[str]) -> Any:
    """Return a value whose placeholders are the template's own, for items' questions share names."""
    if isinstance(value, str):
        for name in names:
            value = value.replace("${" + name + "}", "$\0").replace(
                "{" + name + "}", "{" + f"{prefix}.{name}" + "}"
            )
            value = value.replace("$\0", "${" + name + "}")
        return value
    if isinstance(value, list):
        return [_prefixed(part, prefix, names) for part in value]
    if isinstance(value, dict):
        return {key: _prefixed(part, prefix, names) for key, part in value.items()}
    return value
