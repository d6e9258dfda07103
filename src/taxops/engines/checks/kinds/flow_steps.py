"""The steps of a `flow` (流程步骤): reading their definition, putting variables in, taking values out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from taxops.engines.base import BadInput
from taxops.engines.checks.conditions import BadCondition, Condition, compile_condition
from taxops.engines.checks.conditions.patterns import Refused
from taxops.engines.checks.wire import METHODS, Answer, check_header, parse_url

from .captures import Capture

MOST_STEPS = 30
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_NAME = re.compile(r"[A-Za-z_]\w{0,63}\Z")
_PATH_PART = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|\[\"([^\"]*)\"\]")
STEP_FACTS = frozenset(
    {"status", "header", "body", "text", "size", "duration_ms", "url", "redirects", "vars", "now_ms"}
)
_KEYS = frozenset(
    {
        "name",
        "method",
        "url",
        "headers",
        "body",
        "json",
        "form",
        "extract",
        "assert",
        "follow",
        "keyword",
        "pause_ms",
    }
)


@dataclass(frozen=True, slots=True)
class Extract:
    """Where a variable comes from (变量提取): a JSON path, a pattern, a header or a cookie."""

    name: str
    source: str
    path: tuple[str | int, ...] = ()
    pattern: Capture | None = None
    key: str = ""

    def take(self, answer: Answer, body: Any, cookies: Mapping[str, str]) -> str | None:
        """Return the value, or None when the answer does not have it."""
        if self.source == "header":
            return answer.headers.get(self.key)
        if self.source == "cookie":
            return cookies.get(self.key)
        if self.pattern is not None:
            return self.pattern.take(answer.text())
        for part in self.path:
            try:
                body = body[part]
            except (KeyError, IndexError, TypeError):
                return None
        if body is None:
            return None
        return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a flow with what follows from it (步骤)."""

    name: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Any
    body_form: str  # "", text, json, form
    extracts: tuple[Extract, ...]
    asserts: tuple[Condition, ...]
    follow: int
    keyword: str
    pause_ms: float


def _wrong(index: int, what: str, todo: str = "") -> BadInput:
    return BadInput(f"第 {index} 步：{what}", todo, field="steps")


def read_steps(value: Any, base: str, variables: frozenset[str]) -> tuple[Step, ...]:
    """Return the steps that a parameter describes.

    Args:
        value: a list of objects, as JSON gives it.
        base: the address that relative ones are taken from.
        variables: names known before the first step.

    Raises:
        BadInput: a step cannot be carried out; the message names it by number.
    """
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise BadInput(
            "「步骤」应是一个 JSON 列表，每步一个对象。",
            '例如 [{"url": "/login", "method": "POST"}]。',
            field="steps",
        )
    if len(value) > MOST_STEPS:
        raise BadInput(f"步骤最多 {MOST_STEPS} 步。", field="steps")
    known = set(variables)
    steps = []
    for index, item in enumerate(value, 1):
        step = _read_step(index, item, base, known)
        known |= {extract.name for extract in step.extracts}
        steps.append(step)
    return tuple(steps)


def _read_step(index: int, item: dict[str, Any], base: str, known: set[str]) -> Step:
    extra = set(item) - _KEYS
    if extra:
        raise _wrong(
            index, f"不认识「{'、'.join(sorted(extra))}」。", f"可用的有：{'、'.join(sorted(_KEYS))}。"
        )
    method = str(item.get("method") or ("POST" if {"body", "json", "form"} & set(item) else "GET")).upper()
    if method not in METHODS:
        raise _wrong(index, f"请求方法「{method[:20]}」不受支持。", f"可用的有：{'、'.join(METHODS)}。")
    url = str(item.get("url") or "")
    if not url:
        raise _wrong(index, "没有填写 url。")
    bodies = [name for name in ("body", "json", "form") if name in item]
    if len(bodies) > 1:
        raise _wrong(index, "body、json、form 只能填一个。")
    headers = item.get("headers") or {}
    if not isinstance(headers, dict):
        raise _wrong(index, "headers 应是名称与值。")
    body_form = {"body": "text", "json": "json", "form": "form"}[bodies[0]] if bodies else ""
    body = item[bodies[0]] if bodies else None
    if body_form == "form" and not isinstance(body, dict):
        raise _wrong(index, "form 应是名称与值。")
    _check_variables(index, [url, headers, body], known)
    if "${" not in url:
        try:
            parse_url(urljoin(base, url), field="steps")
        except BadInput as error:
            raise _wrong(index, error.what, error.todo) from error
    for name, header in headers.items():
        try:
            check_header(str(name), str(header), field="steps")
        except BadInput as error:
            raise _wrong(index, error.what, error.todo) from error
    return Step(
        name=str(item.get("name") or f"第 {index} 步")[:60],
        method=method,
        url=url,
        headers=tuple((str(k), str(v)) for k, v in headers.items()),
        body=body,
        body_form=body_form,
        extracts=_read_extracts(index, item.get("extract") or {}),
        asserts=_read_asserts(index, item.get("assert")),
        follow=_small(index, item.get("follow", 5), "follow", 20),
        keyword=str(item.get("keyword") or ""),
        pause_ms=_small(index, item.get("pause_ms", 0), "pause_ms", 10_000),
    )


def _small(index: int, value: Any, name: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _wrong(index, f"{name} 应是 0 到 {most} 的整数。")
    return value


def _read_asserts(index: int, value: Any) -> tuple[Condition, ...]:
    texts = [value] if isinstance(value, str) else value
    if texts is None:
        texts = ["status < 400"]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _wrong(index, "assert 应是条件或条件列表。")
    try:
        return tuple(compile_condition(text, STEP_FACTS) for text in texts)
    except BadCondition as error:
        raise _wrong(index, error.what, error.todo) from error


def _read_extracts(index: int, value: Any) -> tuple[Extract, ...]:
    if not isinstance(value, dict):
        raise _wrong(index, 'extract 应是「变量: 来源」，例如 {"token": "json:data.token"}。')
    return tuple(_read_extract(index, str(name), str(source)) for name, source in value.items())


def _read_extract(index: int, name: str, text: str) -> Extract:
    if not _NAME.match(name):
        raise _wrong(index, f"变量名「{name[:40]}」无效。", "由字母、数字和下划线组成，不以数字开头。")
    source, colon, rest = text.partition(":")
    if not colon or not rest or source not in {"json", "regex", "header", "cookie"}:
        raise _wrong(
            index,
            f"变量 {name} 的来源「{text[:60]}」无效。",
            "写成 json:路径、regex:表达式、header:名称 或 cookie:名称。",
        )
    if source == "regex":
        try:
            return Extract(name, source, pattern=Capture(rest))
        except Refused as error:
            raise _wrong(index, f"变量 {name}：{error}") from error
    if source == "json":
        return Extract(name, source, path=_read_path(index, name, rest))
    return Extract(name, source, key=rest.strip().lower() if source == "header" else rest.strip())


def _read_path(index: int, name: str, text: str) -> tuple[str | int, ...]:
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        found = _PATH_PART.match(text, at)
        if found is None:
            raise _wrong(index, f"变量 {name} 的 JSON 路径「{text[:60]}」无效。", "例如 data.items[0].id。")
        word, number, quoted = found.groups()
        parts.append(int(number) if number is not None else word if word is not None else quoted)
        at = found.end()
    return tuple(parts)


def _check_variables(index: int, values: Any, known: set[str]) -> None:
    """Refuse a variable that no earlier step sets."""
    if isinstance(values, str):
        for name in _VARIABLE.findall(values):
            if name not in known:
                listed = "、".join(sorted(known)) or "（无）"
                raise _wrong(index, f"变量 ${{{name}}} 在此之前没有取值。", f"已有的变量：{listed}。")
    elif isinstance(values, dict):
        _check_variables(index, [*values, *values.values()], known)
    elif isinstance(values, list):
        for value in values:
            _check_variables(index, value, known)


def fill(value: Any, variables: Mapping[str, str]) -> Any:
    """Return a value with its variables put in, inside lists and objects too."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: variables.get(found.group(1), ""), value)
    if isinstance(value, dict):
        return {fill(k, variables): fill(v, variables) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(item, variables) for item in value]
    return value


def fill_url(url: str, variables: Mapping[str, str]) -> str:
    """Return an address with its variables put in, quoted so that they stay one piece; a leading one as it is."""

    def one(found: re.Match[str]) -> str:
        text = variables.get(found.group(1), "")
        return text if found.start() == 0 else quote(text, safe="")

    return _VARIABLE.sub(one, url)


def body_of(step: Step, variables: Mapping[str, str]) -> tuple[bytes, str]:
    """Return the bytes of a step's body and their content type."""
    filled = fill(step.body, variables)
    if step.body_form == "json":
        return json.dumps(filled, ensure_ascii=False).encode(), "application/json"
    if step.body_form == "form":
        pairs = {str(k): str(v) for k, v in filled.items()}
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    if step.body_form == "text":
        return str(filled).encode(), "text/plain; charset=utf-8"
    return b"", ""
