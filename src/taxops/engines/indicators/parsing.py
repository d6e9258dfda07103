"""Data form to definitions (读定义): TOML tables to checked definitions; every complaint names code and key."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, TypeVar

from taxops.engines.base import BadInput, Choices
from taxops.engines.warehouse import Schema, shipped_schema

from .definition import (
    Agg,
    Case,
    Definition,
    Direction,
    IndicatorKind,
    Measure,
    ParamValue,
    Subject,
    Unit,
)
from .period import Grain, Mode
from .validating import validate

C = TypeVar("C", bound=Choices)

KEYS = frozenset(
    [
        "code",
        "version",
        "name",
        "kind",
        "subject",
        "grain",
        "modes",
        "aspect",
        "source",
        "time",
        "filter",
        "num",
        "den",
        "dims",
        "params",
        "of",
        "expr",
        "back",
        "months",
        "dataset",
        "item",
        "sql",
        "direction",
        "unit",
        "scale",
        "lag_days",
        "small_sample",
        "targets",
        "checks",
        "drill",
        "companion",
        "business",
        "law",
        "owner",
        "tests",
    ]
)
MEASURE_KEYS = frozenset(
    {"source", "time", "agg", "of", "where", "filter", "window", "shift_days", "at", "per"}
)


def parse_definitions(text: str, schema: Schema | None = None) -> list[Definition]:
    """Return the definitions of a TOML text, an `[[indicator]]` each, checked against the schema.

    Raises:
        BadInput: no TOML, or a definition that is wrong; the message names indicator and key.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"指标定义不是有效的 TOML：{error}。", "请按提示的行列改正。") from error
    unknown = set(data) - {"indicator"}
    if unknown:
        raise BadInput(
            f"指标定义里不认识「{'、'.join(sorted(unknown))}」。", "每个指标写一段 [[indicator]]。"
        )
    return [parse_definition(one, schema) for one in data.get("indicator", [])]


def parse_definition(data: Mapping[str, Any], schema: Schema | None = None) -> Definition:
    """Return the definition of its data form, checked against the schema.

    Raises:
        BadInput: an unknown key, a value of the wrong type, an expression that cannot be; the message names the key.
    """
    return validate(_Reader(data).definition(), schema or shipped_schema())


class _Reader:
    """Reads one definition; knows its code for every complaint."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        if not isinstance(data, Mapping):
            raise BadInput("指标定义应是一张表。")
        self.data = data
        self.code = str(data.get("code", ""))

    def fail(self, key: str, what: str, todo: str = "") -> BadInput:
        return BadInput(f"指标 {self.code or '（无代码）'} 的 {key}：{what}", todo, field=key)

    def definition(self) -> Definition:
        self.known("定义", self.data, KEYS)
        if not self.code or not self.code.replace("_", "").replace("-", "").isalnum() or len(self.code) > 40:
            raise self.fail("code", "指标代码应由字母、数字、短横和下划线组成，不超过 40 个字符。")
        kind = self.choice("kind", IndicatorKind, None)
        small = self.table("small_sample")
        self.known("small_sample", small, frozenset({"min_den", "action"}))
        unit = self.choice("unit", Unit, Unit.PERCENT)
        definition = Definition(
            code=self.code,
            version=self.whole("version", 1, low=1),
            name=self.text("name", needed=True),
            kind=kind,
            subject=self.choice("subject", Subject, Subject.ORG),
            grain=self.choice("grain", Grain, Grain.MONTH),
            modes=tuple(self.member("modes", m, Mode) for m in self.texts("modes", ("current",))),
            aspect=self.text("aspect"),
            num=self.measure("num"),
            den=self.measure("den"),
            dims=self.texts("dims"),
            params=self.params(),
            of={str(k): str(v) for k, v in self.table("of").items()},
            expr={str(k): str(v) for k, v in self.table("expr").items()},
            back=self.whole("back", 0, low=0),
            months=self.whole("months", 0, low=0),
            dataset=(self.text("dataset"), self.text("item")),
            sql=self.text("sql"),
            direction=self.choice("direction", Direction, Direction.UP),
            unit=unit,
            scale=self.whole("scale", 10_000 if unit is Unit.PER_10K else 1, low=1),
            lag_days=self.whole("lag_days", 0, low=0),
            min_den=int(small.get("min_den", 0)),
            small_action=str(small.get("action", "flag")),
            targets=self.targets(),
            checks=tuple(self.tables("checks")),
            drill=self.texts("drill"),
            companion=self.text("companion"),
            business=self.text("business"),
            law=tuple({str(k): str(v) for k, v in law.items()} for law in self.tables("law")),
            owner={str(k): str(v) for k, v in self.table("owner").items()},
            tests=tuple(self.case(c) for c in self.tables("tests")),
        )
        if definition.small_action not in {"flag", "exclude"}:
            raise self.fail("small_sample", "action 应是 flag（标注）或 exclude（不计）。")
        return _completed(definition)

    def known(self, key: str, data: Mapping[str, Any], keys: frozenset[str]) -> None:
        for name in data:
            if name not in keys:
                near = get_close_matches(name, keys, n=1)
                raise self.fail(
                    key,
                    f"不认识「{name}」。",
                    f"您是不是要写 {near[0]}？" if near else f"可用的有：{'、'.join(sorted(keys))}。",
                )

    def text(self, key: str, *, needed: bool = False) -> str:
        value = self.data.get(key, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.fail(key, "应填写文字。")
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self.data.get(key, default)
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or any(not isinstance(v, str) for v in value)
        ):
            raise self.fail(key, "应是文字列表。", '例如 ["tax", "industry"]。')
        return tuple(value)

    def table(self, key: str) -> Mapping[str, Any]:
        value = self.data.get(key, {})
        if not isinstance(value, Mapping):
            raise self.fail(key, "应是一张表。", "例如 { min_den = 30 }。")
        return value

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or any(not isinstance(v, Mapping) for v in value):
            raise self.fail(key, "应是表的列表。")
        return value

    def whole(self, key: str, default: int, *, low: int) -> int:
        return self.integer(key, self.data.get(key, default), low)

    def integer(self, key: str, value: object, low: int | None = None) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or (low is not None and value < low):
            raise self.fail(key, "应是整数" + (f"，不小于 {low}。" if low is not None else "。"))
        return value

    def choice(self, key: str, sort: type[C], default: C | None) -> C:
        value = self.data.get(key, default)
        if value is None:
            raise self.fail(key, "没有填写。", f"可用的有：{'、'.join(sort)}。")
        return self.member(key, value, sort)

    def member(self, key: str, value: object, sort: type[C]) -> C:
        if value not in {m.value for m in sort}:
            raise self.fail(
                key,
                f"「{value}」不可用。",
                f"可用的有：{'、'.join(f'{m.value}（{m.label}）' for m in sort)}。",
            )
        return sort(str(value))

    def measure(self, key: str) -> Measure | None:
        if key not in self.data:
            return None
        data = self.table(key)
        self.known(key, data, MEASURE_KEYS)
        whole = {
            k: self.integer(f"{key}.{k}", data.get(k, d))
            for k, d in (("window", 0), ("shift_days", 0), ("per", 1))
        }
        if whole["window"] < 0 or whole["per"] < 1:
            raise self.fail(key, "window 不能小于 0，per 不能小于 1。")
        source = str(data.get("source", self.data.get("source", "")))
        shares = source == self.data.get(
            "source", ""
        )  # the definition's filter speaks about its own source only
        return Measure(
            source=source,
            time=str(data.get("time", self.data.get("time", "") if shares else "")),
            agg=self.member(f"{key}.agg", data.get("agg", "count"), Agg),
            of=str(data.get("of", "")),
            where=str(data.get("where", "")),
            filter=str(data.get("filter", self.data.get("filter", "") if shares else "")),
            window=whole["window"],
            shift_days=whole["shift_days"],
            at=str(data.get("at", "")),
            per=whole["per"],
        )

    def params(self) -> dict[str, ParamValue]:
        found = {}
        for name, one in self.table("params").items():
            data = one if isinstance(one, Mapping) else {"value": one}
            self.known(f"params.{name}", data, frozenset({"value", "source", "kind"}))
            value = data.get("value")
            if isinstance(value, bool) or not isinstance(value, int | float | str):
                raise self.fail(f"params.{name}", "参数值应是数或文字。")
            found[str(name)] = ParamValue(value, str(data.get("source", "")), str(data.get("kind", "")))
        return found

    def targets(self) -> dict[str, float]:
        data = self.table("targets")
        self.known("targets", data, frozenset({"goal", "alert", "red"}))
        for name, value in data.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise self.fail(f"targets.{name}", "应是数。")
        return {str(k): float(v) for k, v in data.items()}

    def case(self, data: Mapping[str, Any]) -> Case:
        keys = frozenset({"fixture", "org", "subject", "period", "num", "den", "value", "mode", "why"})
        self.known("tests", data, keys)
        subject = str(data.get("subject", data.get("org", "")))
        number = {k: (None if data.get(k) is None else float(data[k])) for k in ("num", "den", "value")}
        return Case(
            str(data.get("fixture", "")), subject, str(data.get("period", "")),
            number["num"], number["den"], number["value"],
            str(data.get("mode", "current")), str(data.get("why", "")),
        )  # fmt: skip


def _completed(d: Definition) -> Definition:
    """Fill in the denominator that a kind implies: of a share the same without `where`, of a mean its rows."""
    if d.num is None or d.den is not None:
        return d
    if d.kind is IndicatorKind.SHARE:
        return replace(d, den=replace(d.num, where=""))
    if d.kind in {IndicatorKind.DAYS, IndicatorKind.MEDIAN}:
        present = f"({d.num.of}) is not null" if d.num.of else ""
        where = " and ".join(f"({w})" for w in (d.num.where, present) if w)
        return replace(d, den=replace(d.num, agg=Agg.COUNT, of="", where=where, per=1))
    return d
