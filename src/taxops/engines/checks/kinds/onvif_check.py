"""Kind `onvif` (摄像机): GetSystemDateAndTime, which needs no login, and the error of the device's clock."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Attempt, Failed, Request, Tls, Url, excerpt, fetch, parse_url

from .declaration import Fact, Finding, Kind, Param, Wanted
from .http_check import TLS_PARAMS, tls_of

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_MOST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """Which device under which account (摄像机检查计划)."""

    url: Url
    tls: Tls
    username: str
    password: str


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address cannot be used.
    """
    target = wanted.target if "://" in wanted.target else f"http://{wanted.target}"
    url = parse_url(target)
    if url.target == "/":
        url = Url(url.scheme, url.host, url.port, "/onvif/device_service")
    params = wanted.params
    return Plan(url, tls_of(params), params["username"] or "", params["password"] or "")


def envelope(action: str, header: str = "") -> bytes:
    """Return a SOAP 1.2 request of the device service."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_SOAP}">{header}'
        f'<s:Body><{action} xmlns="{_DEVICE}"/></s:Body></s:Envelope>'
    ).encode()


def security(username: str, password: str, nonce: bytes, created: str) -> str:
    """Return the WS-UsernameToken header with a password digest; the password itself never travels."""
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    name = username.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<s:Header><Security s:mustUnderstand="1" xmlns="{_WSSE}"><UsernameToken><Username>{name}</Username>'
        f'<Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</Password>'
        f"<Nonce>{base64.b64encode(nonce).decode()}</Nonce>"
        f'<Created xmlns="{_WSU}">{created}</Created></UsernameToken></Security></s:Header>'
    )


async def _ask(attempt: Attempt, plan: Plan, action: str, header: str = "") -> ElementTree.Element:
    kind = f'application/soap+xml; charset=utf-8; action="{_DEVICE}/{action}"'
    body = envelope(action, header)
    request = Request("POST", plan.url, (("Content-Type", kind),), body, limit=_MOST).ready()
    done = await fetch(attempt, request, plan.tls)
    answer = done.answer
    if answer.status == 401 or (answer.status in {400, 403, 500} and b"NotAuthorized" in answer.body):
        raise Failed("摄像机拒绝访问：账号或口令不对。", Verdict.UNKNOWN)
    if answer.status == 404:
        raise Failed("设备没有 ONVIF 服务（HTTP 404），请核对路径。")
    root = parse_xml(answer.body)
    if _inner(root, "Fault") is not None:
        text = _inner(root, "Text")
        words = (text.text or "").strip() if text is not None else ""
        raise Failed(f"设备返回 SOAP 错误：{words[:120] or '原因不明'}。")
    if answer.status != 200:
        raise Failed(f"设备返回 HTTP {answer.status}。")
    return root


def parse_xml(body: bytes) -> ElementTree.Element:
    """Return a document; one that declares entities is refused, since they could blow it up.

    Raises:
        Failed: it is not XML, or declares a document type.
    """
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Failed("设备返回的 XML 含有文档类型声明，已拒绝解析。")
    try:
        return ElementTree.fromstring(body)  # noqa: S314 no entities: refused above
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise Failed(f"设备返回的不是 ONVIF 应答，开头是「{excerpt(body, 60)}」。") from error


def _inner(root: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((item for item in root.iter() if item.tag.rpartition("}")[2] == name), None)


def device_time(root: ElementTree.Element) -> datetime:
    """Return the UTC time of a GetSystemDateAndTime response.

    Raises:
        Failed: it has none, or an impossible one.
    """
    utc = _inner(root, "UTCDateTime")
    if utc is None:
        raise Failed("设备的应答中没有 UTC 时间。")
    numbers = []
    for name in ("Year", "Month", "Day", "Hour", "Minute", "Second"):
        item = _inner(utc, name)
        text = (item.text or "").strip() if item is not None else ""
        if not text.isdecimal() or len(text) > 4:
            raise Failed("设备的应答中时间不完整。")
        numbers.append(int(text))
    try:
        return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc, arg-type]  # six numbers by the loop above
    except ValueError as error:
        raise Failed("设备的时间不是有效的日期。") from error


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask for the time, with an account also for the device's name, and return both.

    Raises:
        Failed: no answer, a refused login, or no ONVIF device.
    """
    root = await _ask(attempt, plan, "GetSystemDateAndTime")
    told = device_time(root)
    half_s = attempt.phases.get("wait", 0.0) / 2000  # the device read its clock about half way
    offset = told.timestamp() + half_s - (attempt.wall_ms + attempt.elapsed_ms) / 1000
    source = _inner(root, "DateTimeType")
    facts: dict[str, Any] = {
        "offset_s": offset,
        "time": told.isoformat(),
        "ntp": source is not None and (source.text or "").strip() == "NTP",
        "model": "",
        "firmware": "",
        "duration_ms": 0.0,
    }
    if plan.username:
        created = told.strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )  # the device's own time, or it would refuse a skewed one
        header = security(plan.username, plan.password, secrets.token_bytes(16), created)
        about = await _ask(attempt, plan, "GetDeviceInformation", header)
        parts = [(_inner(about, name), name) for name in ("Manufacturer", "Model", "FirmwareVersion")]
        words = {name: (item.text or "").strip()[:80] if item is not None else "" for item, name in parts}
        facts["model"] = f"{words['Manufacturer']} {words['Model']}".strip()
        facts["firmware"] = words["FirmwareVersion"]
    facts["duration_ms"] = attempt.elapsed_ms
    shown = f"设备应答正常{'，' + facts['model'] if facts['model'] else ''}，时钟相差 {offset:+.1f} 秒"
    return Finding(facts, shown, {"offset_s": round(offset, 2)}, "", lambda: {"facts": facts})


KIND = Kind(
    name="onvif",
    title="摄像机（ONVIF）",
    stand_in="按 ONVIF 设备服务规范应答的替身",
    help="以 ONVIF 的 GetSystemDateAndTime 检查摄像机是否在线、时钟是否准确；填账号后核对登录并读取型号。",
    target_label="设备地址",
    target_help="例如 10.1.2.3 或 http://10.1.2.3:8000/onvif/device_service。",
    params=(
        Param("username", "账号", help="ONVIF 用户；留空只读时间（不需要登录）。"),
        Param("password", "口令", secret=True),
        *TLS_PARAMS,
    ),
    facts=(
        Fact("offset_s", "设备时钟比探测器快（正）或慢（负）多少", "秒"),
        Fact("time", "设备的时间（UTC）"),
        Fact("ntp", "是否由 NTP 校时"),
        Fact("model", "厂商与型号（须填账号）"),
        Fact("firmware", "固件版本（须填账号）"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    # a recording is evidence only as far as its time is
    conditions=("duration_ms >= 0",),
    warnings=("abs(offset_s) <= 60",),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
)
