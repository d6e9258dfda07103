"""HTTP/1.1 as bytes (协议解析): writing requests, reading answers piece by piece; no sockets here."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from taxops.engines.base import BadInput

from .failure import Failed
from .urls import Url, short

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 1024 * 1024
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_LINE_LIMIT = 1024
_MOST_KNOWN = 1024
_KNOWN: dict[bytes, tuple[int, int]] = {}  # heads without their date that were read whole: status and length
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")


def check_header(name: str, value: str, *, field: str = "headers") -> None:
    """Refuse what could smuggle a second header or request.

    Raises:
        BadInput: the name or the value has characters that a header may not have.
    """
    if not name or not set(name) <= _TOKEN:
        raise BadInput(
            f"请求头名称「{short(name)}」无效。", "名称只能由字母、数字和连字符组成。", field=field
        )
    if any(c in value for c in "\r\n\0"):
        raise BadInput(f"请求头「{name}」的值中不能有换行。", field=field)


def render(method: str, url: Url, headers: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """Return the request as it goes over the wire; our own headers stand unless the caller's replace them."""
    mine: dict[str, tuple[str, str]] = {
        "host": ("Host", url.authority),
        "user-agent": ("User-Agent", "TaxOps-Prober/1"),
        "accept": ("Accept", "*/*"),
        "accept-encoding": ("Accept-Encoding", "identity"),
        "connection": ("Connection", "close"),
    }
    if body or method in {"POST", "PUT", "PATCH"}:
        mine["content-length"] = ("Content-Length", str(len(body)))
    for name, value in headers:
        if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
            mine[name.lower()] = (name, value)
    lines = [
        f"{method} {url.target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in mine.values()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


class Answer:
    """An HTTP answer being read (应答). Feed it until it says that it is complete."""

    # What most answers never change is found on the class: one is made with every execution.
    status = 0
    head = b""
    body = b""
    complete = False
    truncated = False
    _buffer = b""
    _headers: dict[str, str] | None = None
    _mode = ""  # "", length, chunked, close
    _left = 0
    _got = 0
    _part = "size"

    def __init__(self, method: str = "GET", limit: int = BODY_LIMIT) -> None:
        self.limit = limit
        self._no_body = method == "HEAD"

    @property
    def headers(self) -> dict[str, str]:
        """Headers by lower-case name; repeated ones joined by a comma (cookies by a newline)."""
        if self._headers is None:
            found: dict[str, str] = {}
            for line in self.head.decode("utf-8", "replace").splitlines()[1:]:
                name, colon, value = line.partition(":")
                if colon:
                    name, value = name.strip().lower(), value.strip()
                    if name in found:
                        value = found[name] + ("\n" if name == "set-cookie" else ", ") + value
                    found[name] = value
            self._headers = found
        return self._headers

    def feed(self, data: bytes) -> bool:
        """Take bytes; return True when nothing more is wanted.

        Raises:
            Failed: this is not HTTP.
        """
        if not self._mode:
            if not self._buffer and (self._read_known(data) or self._read_whole(data)):
                return True
            data = self._read_head(data)
            if not self._mode:
                return False
        mode = self._mode
        if mode == "length":
            self._chunk.append(data)
            self._left -= len(data)
            if self._left <= 0:
                self._finish()
        elif mode == "chunked":
            self._read_chunks(data)
        elif mode == "close":
            self._chunk.append(data)
            self._left += len(data)
            if self._left >= self.limit:
                self.truncated = self._left > self.limit
                self._finish()
        return self.complete

    def _read_known(self, data: bytes) -> bool:
        """Read an answer whose head was read before, but for its date: a target says the same again and again."""
        end = data.find(b"\r\n\r\n")
        date = data.find(b"\nDate:", 0, end)
        if self._no_body or end < 0 or date < 0:
            return False
        known = _KNOWN.get(data[:date] + data[data.find(b"\n", date + 1) : end])
        if known is None or len(data) - end - 4 != known[1] or known[1] > self.limit:
            return False
        self.status = known[0]
        self.head = data[:end]
        self.body = data[end + 4 :]
        self.complete = True
        return True

    def _read_whole(self, data: bytes) -> bool:
        """Read an answer that came in one piece with a plain length, as most do; else leave it to the others."""
        end = data.find(b"\r\n\r\n")
        if end < 0 or self._no_body or not data.startswith(b"HTTP/1."):
            return False
        head = data[:end]
        lowered = head.lower()
        at = lowered.find(b"\ncontent-length:")
        if at < 0 or b"\ntransfer-encoding:" in lowered or b"\ncontent-encoding:" in lowered:
            return False
        length = lowered[at + 16 :].split(b"\n", 1)[0].strip()
        code = head[9:12]
        if (
            not (code.isdigit() and length.isdigit() and len(length) < 9)
            or code < b"200"
            or code in (b"204", b"304")
        ):
            return False
        size = int(length)
        body = data[end + 4 :]
        if len(body) != size or size > self.limit:
            return False
        self.head, self.status, self.body = head, int(code), body
        date = data.find(b"\nDate:", 0, end)
        if date >= 0:
            if len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[data[:date] + data[data.find(b"\n", date + 1) : end]] = self.status, size
        self.complete = True
        return True

    def end(self) -> None:
        """Take note that the other side has finished sending.

        Raises:
            Failed: it did so in the middle of the answer.
        """
        if self.complete:
            return
        if not self._mode:
            if not self._buffer:
                raise Failed("对方没有返回任何内容就关闭了连接。")
            _check_begin(self._buffer)
            raise Failed("对方在响应头收完之前关闭了连接。")
        if self._mode != "close":
            got = sum(map(len, self._chunk))
            wanted = f"，还差 {self._left} 字节" if self._mode == "length" else ""
            raise Failed(f"对方在正文收完之前关闭了连接（已收 {got} 字节{wanted}）。")
        self._finish()

    def _read_head(self, data: bytes) -> bytes:
        """Look for the end of the head; return what follows it and set the mode when it is there."""
        while True:
            if self._buffer:
                data = self._buffer + data
            end, skip = data.find(b"\r\n\r\n"), 4
            if end < 0:
                end, skip = data.find(b"\n\n"), 2
            if end < 0:
                _check_begin(data)
                if len(data) > HEAD_LIMIT:
                    raise Failed(f"响应头超过 {HEAD_LIMIT // 1024} KiB 仍未结束。")
                self._buffer = data
                return b""
            self.head = data[:end]
            self._buffer = b""
            self._headers = None
            self._read_status_line()
            data = data[end + skip :]
            if self.status >= 200 or self.status == 101:
                self._choose_mode()
                return data
            if not data:  # 100 Continue, 103 Early Hints: the real one is still to come
                return b""

    def _read_status_line(self) -> None:
        line = self.head.split(b"\n", 1)[0].rstrip(b"\r")
        if not line.startswith(b"HTTP/1.") or len(line) < 12 or not line[9:12].isdigit():
            raise Failed(f"对方返回的不是 HTTP 响应，开头是「{excerpt(line, 60)}」。")
        self.status = int(line[9:12])
        if self.status < 100:
            raise Failed(f"HTTP 状态码 {self.status} 无效。")

    def _choose_mode(self) -> None:
        self._chunk: list[bytes] = []
        if self._no_body or self.status in (204, 304, 101):
            self._mode = "none"
            self._finish()
            return
        lowered = self.head.lower()
        if (
            b"\ntransfer-encoding:" in lowered
            and "chunked" in self.headers.get("transfer-encoding", "").lower()
        ):
            self._mode = "chunked"
            return
        at = lowered.find(b"\ncontent-length:")
        if at < 0:
            self._mode = "close"
            return
        value = lowered[at + 16 :].split(b"\n", 1)[0].strip()
        if not value.isdigit() or len(value) > 18:
            raise Failed(f"响应头 Content-Length 的值「{excerpt(value, 30)}」无效。")
        self._mode = "length"
        self._left = int(value)
        if self._left > self.limit:
            self.truncated = True
            self._left = self.limit

    def _read_chunks(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        at = 0
        while not self.complete:
            if self._part == "data":
                piece = buffer[at : at + self._left]
                at += len(piece)
                self._left -= len(piece)
                self._got += len(piece)
                self._chunk.append(piece)
                if self._got > self.limit:
                    self._finish()
                    return
                if self._left:
                    break
                self._part = "line end"
            end = buffer.find(b"\n", at)
            if end < 0:
                if len(buffer) - at > _LINE_LIMIT:
                    raise Failed("分块传输的块长度无效。")
                break
            line = buffer[at:end].strip()
            at = end + 1
            self._chunk_line(line)
        self._buffer = b"" if self.complete else buffer[at:]

    def _chunk_line(self, line: bytes) -> None:
        """Take one line between the data of two chunks: a line end, a size, or a trailer."""
        if self._part == "line end":
            if line:
                raise Failed("分块传输的块比它声明的长。")
            self._part = "size"
        elif self._part == "trailer":
            if not line:
                self._finish()
        else:
            digits = line.split(b";", 1)[0].strip()
            if not digits or len(digits) > 15 or not set(digits) <= _HEX:
                raise Failed(f"分块传输的块长度「{excerpt(line, 20)}」无效。")
            self._left = int(digits, 16)
            self._part = "data" if self._left else "trailer"

    def _finish(self) -> None:
        chunks = self._chunk
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if len(body) > self.limit:
            body = body[: self.limit]
            self.truncated = True
        elif self._mode == "length" and self._left < 0:
            body = body[: len(body) + self._left]  # more than was promised: the rest is not ours
        self._chunk = []
        self._buffer = b""
        self.complete = True
        if body and b"\ncontent-encoding:" in self.head.lower():
            body = self._decompress(body)
        self.body = body

    def _decompress(self, body: bytes) -> bytes:
        coding = self.headers.get("content-encoding", "").strip().lower()
        if coding in {"", "identity"}:
            return body
        if coding not in {"gzip", "x-gzip", "deflate"}:
            raise Failed(f"对方使用了没有请求的压缩方式「{coding[:20]}」。")
        for bits in (47, -15):  # gzip or zlib by its own header; bare deflate as some servers send it
            try:
                reader = zlib.decompressobj(bits)
                plain = reader.decompress(body, self.limit)
            except zlib.error:
                continue
            if not (reader.eof or reader.unconsumed_tail or self.truncated):
                continue
            self.truncated = self.truncated or bool(reader.unconsumed_tail)
            return plain
        raise Failed("正文的压缩数据已损坏。")

    def text(self) -> str:
        """Return the body as text: by its declared charset, else UTF-8, else GB 18030."""
        kind = self.headers.get("content-type", "")
        charset = kind.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
        for encoding in (charset, "utf-8", "gb18030"):
            if encoding:
                try:
                    return self.body.decode(encoding)
                except (LookupError, UnicodeDecodeError, ValueError):
                    continue
        return self.body.decode("utf-8", "replace")


def _check_begin(data: bytes) -> None:
    """Fail as soon as the first bytes cannot become an HTTP answer."""
    start = data[:7]
    if not b"HTTP/1.".startswith(start):
        if start[:1] in (b"\x15", b"\x16"):
            raise Failed("对方返回的是 TLS 数据，不是明文 HTTP；请改用 https:// 地址。")
        raise Failed(f"对方返回的不是 HTTP 响应，开头是「{excerpt(data, 60)}」。")


def excerpt(data: bytes, most: int) -> str:
    """Return the beginning of some bytes, fit for a message."""
    text = data[: most * 4].decode("utf-8", "replace")
    text = "".join(c if c.isprintable() else "·" for c in text)
    return text if len(text) <= most else text[:most] + "…"
