"""What a prober sends (上报批次), read strictly: a batch is taken whole or refused whole."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from taxops.engines.base import BadInput, TooLarge

MAX_RESULTS = 10_000
MAX_BYTES = 4 * 1024 * 1024
LATE_MS = 1_000
"""A prober later than this cannot tell its own lateness from the target's (存疑)."""
MAX_MESSAGE = 500
MAX_TRACE = 16_000
_MAX_MS = 1 << 45  # the year 3084; anything beyond is not a time


class Row(NamedTuple):
    """One result as reported (结果)."""

    check_id: int
    version: int
    at_ms: int
    code: int
    duration_us: int
    suspect: int
    message: str
    metrics: dict[str, Any] | None
    trace: dict[str, Any] | None


class Batch(NamedTuple):
    """What one call of a prober brings (上报批次)."""

    boot: str
    seq: int
    sent_at_ms: int
    vitals: dict[str, Any]
    rows: list[Row]


def parse_batch(body: bytes) -> Batch:
    """Return the batch in the body of a report.

    Raises:
        TooLarge: more bytes or results than a batch may have.
        BadInput: it is not a batch; says which result and which part of it is wrong.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge("上报内容超过 4 MB。", "请减少每批的结果数。")
    try:
        found = json.loads(body, parse_constant=lambda _: None)  # NaN is not JSON; databases refuse it
    except ValueError as error:
        raise BadInput("上报内容不是有效的 JSON。", "请求体应为 UTF-8 编码的 JSON 对象。") from error
    if not isinstance(found, dict):
        raise BadInput("上报内容应为一个 JSON 对象。", "格式见接口说明。")
    boot, seq = found.get("boot"), found.get("seq")
    if not isinstance(boot, str) or not 0 < len(boot) <= 40:
        raise BadInput("缺少启动标识（boot），或其长度超过 40。", "格式见接口说明。", field="boot")
    if type(seq) is not int or not 0 <= seq < 1 << 62:
        raise BadInput("批次号（seq）应为非负整数。", "格式见接口说明。", field="seq")
    sent = found.get("sent_at_ms", 0)
    if type(sent) is not int or not 0 <= sent < _MAX_MS:
        raise BadInput("发送时刻（sent_at_ms）应为毫秒数。", "格式见接口说明。", field="sent_at_ms")
    vitals = found.get("self")
    if vitals is not None and not isinstance(vitals, dict):
        raise BadInput("自身指标（self）应为 JSON 对象。", "格式见接口说明。", field="self")
    results = found.get("results")
    if not isinstance(results, list):
        raise BadInput("缺少结果列表（results）。", "格式见接口说明。", field="results")
    if len(results) > MAX_RESULTS:
        raise TooLarge(f"一批最多 {MAX_RESULTS:,} 条结果，本批有 {len(results):,} 条。", "请分批上报。")
    rows = [_row(index, result) for index, result in enumerate(results)]
    return Batch(boot, seq, sent, vitals or {}, rows)


def _row(index: int, result: Any) -> Row:
    """Return one result; the usual case costs one unpacking and one chained comparison.

    Raises:
        BadInput: a part is missing, of the wrong sort, or out of range.
    """
    try:
        check_id, version, at_ms, code, duration_us, late_ms, message, metrics, trace = result
        fine = (
            type(check_id) is type(version) is type(at_ms) is type(code) is int
            and 0 < check_id < 1 << 62
            and 0 < version < 1 << 31
            and 0 < at_ms < _MAX_MS
            and 0 <= code <= 3
            and duration_us >= 0
            and late_ms >= 0
        )
        if not fine:
            raise ValueError
        row = Row(
            check_id,
            version,
            at_ms,
            code,
            min(int(duration_us), 2_147_483_647),
            1 if late_ms > LATE_MS else 0,
            "" if message is None else clean_text(str(message)[:MAX_MESSAGE]),
            metrics,
            trace,
        )
    except (TypeError, ValueError, OverflowError):
        raise _wrong(index, result) from None
    if (metrics is not None and not isinstance(metrics, dict)) or (
        trace is not None and not isinstance(trace, dict)
    ):
        raise _wrong(index, result)
    return row


def clean_text(text: str) -> str:
    """Return text without what databases refuse: NUL characters and halves of surrogate pairs.

    >>> clean_text("a\x00b\ud800")
    'ab?'
    """
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def clean(value: Any) -> Any:
    """Return a JSON value whose texts a database accepts."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(str(key)): clean(item) for key, item in value.items()}
    return value


def _wrong(index: int, result: Any) -> BadInput:
    shape = "[检查项, 版本, 时刻毫秒, 结论 0–3, 耗时微秒, 迟到毫秒, 说明, 指标, 过程]"
    shown = clean_text(json.dumps(result, ensure_ascii=False, default=str)[:120])
    return BadInput(
        f"第 {index + 1} 条结果不正确：{shown}", f"每条结果应为 {shape}。", field=f"results.{index}"
    )
