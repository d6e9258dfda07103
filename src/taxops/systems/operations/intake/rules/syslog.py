"""Lines of syslog (系统日志): RFC 5424, RFC 3164, octet counting and newline framing, UTF-8 or GBK."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from taxops.engines.base import CHINA, BadInput, parse_instant

from .pushed import Pushed

MAX_LINE = 8192
FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
)  # fmt: skip
LEVELS = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
_GRAVE = {"emergency": "critical", "alert": "critical", "critical": "critical", "error": "major"}

_PRI = re.compile(r"<(\d{1,3})>")
_5424 = re.compile(
    r"1 (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32})"
    r" (-|(?:\[(?:[^\]\\\"]|\\.|\"(?:[^\"\\]|\\.)*\")*\])+)(?: (.*))?",
    re.DOTALL,
)
_3164 = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (?:(\S+) )?(.*)", re.DOTALL)
_TAG = re.compile(r"([^\s:\[]{1,48})(?:\[([^\]]{0,64})\])?: ?(.*)", re.DOTALL)
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of syslog (日志行).

    Args:
        form: `rfc5424`, `rfc3164`, or `plain` for what is neither.
    """

    at: datetime
    facility: str
    level: str
    host: str
    app: str
    message: str
    form: str


def decode(raw: bytes) -> str:
    """Return the text of a line: UTF-8 when it is that, else GBK, as old Chinese systems write; nothing is lost."""
    for name in ("utf-8", "gb18030"):
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def parse_line(raw: bytes, *, now: datetime, sender: str) -> Line:
    """Return a line of syslog. What has no priority is taken as user.notice, as RFC 3164 §4.3.3 says.

    Args:
        raw: one message, without its frame.
        now: for lines that bear no year, or no time.
        sender: the address it came from, for lines that name no host.

    Raises:
        BadInput: it is empty or longer than 8 KB.
    """
    if len(raw) > MAX_LINE:
        raise BadInput(f"一行日志超过 {MAX_LINE} 字节。")
    text = decode(raw.removeprefix(b"\xef\xbb\xbf")).rstrip("\r\n\0 ")
    if not text:
        raise BadInput("空的日志行。")
    pri = _PRI.match(text)
    number = int(pri[1]) if pri else 13
    if number > 191:
        pri, number = None, 13
    facility, level = FACILITIES[number >> 3], LEVELS[number & 7]
    rest = text[pri.end() :] if pri else text
    if pri and (new := _5424.fullmatch(rest)):
        stamp, host, app, message = new[1], new[2], new[3], (new[7] or "").removeprefix("\ufeff")
        return Line(
            _stamp(stamp, now), facility, level, _or(host, sender), _or(app, ""), message[:2000], "rfc5424"
        )
    if old := _3164.fullmatch(rest):
        at = _old_stamp(old, now)
        if at is not None:
            host, tail = old[6] or sender, old[7]
            if host.endswith(":"):  # a sender that leaves its name out: what follows is the tag
                host, tail = sender, f"{host} {tail}"
            tag = _TAG.fullmatch(tail)
            app, message = (tag[1], tag[3]) if tag else ("", tail)
            return Line(at, facility, level, host, app, message[:2000], "rfc3164")
    return Line(now, facility, level, sender, "", rest[:2000], "plain")


def _or(text: str, otherwise: str) -> str:
    return otherwise if text == "-" else text


def _stamp(text: str, now: datetime) -> datetime:
    if text == "-":
        return now
    try:
        found = parse_instant(text)
    except BadInput:
        return now
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def _old_stamp(parts: re.Match[str], now: datetime) -> datetime | None:
    """Return a time without year and zone: China's, in the year that puts it nearest to now."""
    month = _MONTHS.get(parts[1])
    if month is None:
        return None
    local = now.astimezone(CHINA)
    try:
        at = datetime(
            local.year, month, int(parts[2]), int(parts[3]), int(parts[4]), int(parts[5]), tzinfo=CHINA
        )
        if at - local > timedelta(days=2):
            at = at.replace(year=local.year - 1)
    except ValueError:
        return None
    return at


def pushed_of(line: Line) -> Pushed:
    """Return a line as an event; its identity is host, programme and facility, so that a flood is one alert."""
    return Pushed(
        key="",
        labels={"host": line.host[:200], "app": line.app[:200], "facility": line.facility},
        firing=True,
        at=line.at,
        severity=_GRAVE.get(line.level, "minor"),
        title=f"{line.host} {line.app}".strip()[:80] + f"：{line.message[:100]}",
        summary=line.message[:500],
    )


class Frames:
    """Cuts a TCP stream into lines (分帧): octet counting (RFC 6587 §3.4.1) or newlines, told by the first byte."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self.lost = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what came and yield the lines that are whole; a line that is too long is dropped and counted."""
        self._rest += data
        while self._rest:
            if (
                48 <= self._rest[0] <= 57
                and (space := self._rest.find(b" ", 0, 8)) > 0
                and self._rest[:space].isdigit()
            ):
                size = int(self._rest[:space])
                if size > MAX_LINE:
                    self._drop_all()
                    return
                if len(self._rest) < space + 1 + size:
                    return
                line = bytes(self._rest[space + 1 : space + 1 + size])
                del self._rest[: space + 1 + size]
            else:
                end = self._rest.find(b"\n")
                if end < 0:
                    if len(self._rest) > MAX_LINE:
                        self._drop_all()
                    return
                line = bytes(self._rest[:end])
                del self._rest[: end + 1]
                if len(line) > MAX_LINE:
                    self.lost += 1
                    continue
            if line.strip():
                yield line

    def _drop_all(self) -> None:
        self._rest.clear()
        self.lost += 1

    def end(self) -> bytes:
        """Return what was left when the other side hung up: a last line without its end."""
        rest = bytes(self._rest)
        self._rest.clear()
        return rest
