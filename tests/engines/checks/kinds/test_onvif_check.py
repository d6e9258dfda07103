"""Kind `onvif` against a stand-in that answers as the ONVIF device service describes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from taxops.engines.base import BadInput
from tests.engines.checks.kinds.fakes import http_peer
from tests.engines.checks.rude import answering, look, page, serving, silent

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
WALL = int(NOW.timestamp() * 1000)
HEAD = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Body>'
TAIL = "</s:Body></s:Envelope>"
ABOUT = (
    f"{HEAD}<tds:GetDeviceInformationResponse><tds:Manufacturer>Demo</tds:Manufacturer><tds:Model>C-1</tds:Model>"
    f"<tds:FirmwareVersion>1.2</tds:FirmwareVersion></tds:GetDeviceInformationResponse>{TAIL}"
).encode()


def clock(at: datetime) -> bytes:
    return (
        f"{HEAD}<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        f"<tt:UTCDateTime><tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
        f"<tt:Second>{at.second}</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}</tt:Year>"
        f"<tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date></tt:UTCDateTime>"
        f"</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>{TAIL}"
    ).encode()


def test_a_camera_that_answers_is_well_and_its_clock_is_measured() -> None:
    with http_peer({"/onvif/device_service": clock(NOW)}) as server:
        good = look("onvif", server.address, "ntp and abs(offset_s) < 5", wall_ms=WALL)
    with http_peer({"/onvif": clock(NOW - timedelta(minutes=7))}) as server:
        late = look("onvif", server.address, wall_ms=WALL)
    assert good.verdict == "ok", good.message
    assert late.verdict == "warning"
    assert "时钟相差 -4" in late.message


def test_an_account_is_proven_without_sending_the_password() -> None:
    seen: list[bytes] = []

    def answer(request: bytes) -> bytes:
        return ABOUT if b"GetDeviceInformation" in request else clock(NOW)

    with http_peer({"/onvif/device_service": answer}, seen) as server:
        result = look("onvif", server.address, username="ops", password="Pass-1", wall_ms=WALL)
    assert result.verdict == "ok", result.message
    assert "设备应答正常" in result.message
    assert not any(b"Pass-1" in request for request in seen)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page(b"<html/>"), "没有 UTC 时间"),
        (page(b"not xml"), "不是 ONVIF 应答"),
        (page(b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'), "已拒绝解析"),
        (page(clock(NOW).replace(b"<tt:Day>1</tt:Day>", b"<tt:Day>77</tt:Day>")), "不是有效的日期"),
        (page(clock(NOW).replace(b"<tt:Day>1</tt:Day>", b"")), "时间不完整"),
        (page(b"", "404 Not Found"), "没有 ONVIF 服务"),
        (page(b"", "401 Unauthorized"), "账号或口令不对"),
        (page(f"{HEAD}<s:Fault><s:Reason><s:Text>Action Failed</s:Text></s:Reason></s:Fault>{TAIL}".encode(),
              "500 Internal Server Error"), "SOAP 错误：Action Failed"),
        (page(f"{HEAD}<s:Fault><s:Code>ter:NotAuthorized</s:Code></s:Fault>{TAIL}".encode(), "400 Bad Request"),
         "账号或口令不对"),
    ],
)  # fmt: skip
def test_wrong_answers_are_named(answer: bytes, words: str) -> None:
    with http_peer({"/": answer}) as server:
        result = look("onvif", server.address)
    assert result.verdict in {"critical", "unknown"}
    assert words in result.message


def test_silence_and_garbage_are_given_up_in_time() -> None:
    for talk in (silent, answering(b"\x00" * 100)):
        with serving(talk) as server:
            result = look("onvif", server.address, timeout_s=0.4)
        assert result.verdict == "critical"
        assert re.search("[\u4e00-\u9fff]", result.message)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput):
        look("onvif", "ftp://x")
