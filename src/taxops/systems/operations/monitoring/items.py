"""The items that the contracts name (监控内容) and the checks that carry each out: data, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput, NotFound

from .definitions import Definition
from .words import Zone

_FILE = Path(__file__).parent / "data" / "items.toml"
_HOLE = re.compile(r"(?<!\$)\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question of 「套用模板」 (模板问题)."""

    name: str
    label: str
    example: str = ""
    optional: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One check of an item, with placeholders (检查模板)."""

    key: str
    name: str
    kind: str
    target: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def holes(self) -> set[str]:
        """Return the placeholders without which the check cannot be made: those of its target."""
        return set(_HOLE.findall(self.target))


@dataclass(frozen=True, slots=True)
class Item:
    """One item of what must be watched (监控内容)."""

    code: str
    clause: str
    name: str
    zone: str
    asks: tuple[Ask, ...]
    samples: tuple[Sample, ...]
    note: str = ""

    def definitions(self, answers: Mapping[str, str]) -> list[Definition]:
        """Return the checks that the answers make (套用模板); one whose target is not answered is left out.

        Raises:
            BadInput: a question that must be answered is not; `field` names it.
        """
        given = {ask.name: answers.get(ask.name, "").strip() for ask in self.asks}
        for ask in self.asks:
            if not ask.optional and not given[ask.name]:
                raise BadInput(f"请填写「{ask.label}」。", f"例如 {ask.example}。", field=ask.name)
        made = [
            self._definition(sample, given)
            for sample in self.samples
            if all(given.get(hole) for hole in sample.holes())
        ]
        if not made:
            raise BadInput("没有可建立的检查项。", "请至少填写一个检查对象。")
        return made

    def _definition(self, sample: Sample, given: Mapping[str, str]) -> Definition:
        values = {name: _filled(value, given) for name, value in sample.values.items()}
        params = {
            name: value for name, value in values.pop("params", {}).items() if value not in ("", None, [])
        }
        interval = float(values.get("interval_s", 60))
        values.setdefault("retry_interval_s", min(10.0, interval))
        return Definition(
            name=_filled(sample.name, given).strip()[:120],
            kind=sample.kind,
            target=_filled(sample.target, given),
            params=params,
            zone=self.zone,
            item=self.code,
            **values,
        )


def _filled(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _HOLE.sub(lambda hole: given.get(hole[1], ""), value)
    if isinstance(value, list):
        return [_filled(part, given) for part in value]
    if isinstance(value, dict):
        return {name: _filled(part, given) for name, part in value.items()}
    return value


@cache
def all_items() -> tuple[Item, ...]:
    """Return every item in contract order."""
    with _FILE.open("rb") as file:
        found = tomllib.load(file)["item"]
    return tuple(
        Item(
            code=one["code"],
            clause=one["clause"],
            name=one["name"],
            zone=Zone(one["zone"]).value,
            note=one.get("note", ""),
            asks=tuple(Ask(name, **asked) for name, asked in one["ask"].items()),
            samples=tuple(_sample(check) for check in one["check"]),
        )
        for one in found
    )


def _sample(check: dict[str, Any]) -> Sample:
    rest = {k: v for k, v in check.items() if k not in {"key", "name", "kind", "target"}}
    return Sample(check["key"], check["name"], check["kind"], check.get("target", ""), rest)


def get_item(code: str) -> Item:
    """Return one item.

    Raises:
        NotFound: there is none of that code.
    """
    for item in all_items():
        if item.code == code:
            return item
    raise NotFound(f"没有编号为「{code}」的监控内容。", "可用的是 M01–M20 与 MJ1–MJ3。")


def item_name(code: str) -> str:
    """Return an item's code and name; nothing for a check that belongs to none."""
    return next((f"{item.code} {item.name}" for item in all_items() if item.code == code), code)
