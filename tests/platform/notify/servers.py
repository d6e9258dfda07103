"""Real servers on loopback that behave well, badly, slowly, or not at all."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Web:
    """A real HTTP server that records what it is sent."""

    url: str = ""
    status: int = 200
    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    hold: threading.Event | None = None

    def payloads(self) -> list[dict[str, Any]]:
        """Return the bodies as JSON."""
        return [json.loads(body) for _, _, body in self.requests]


@contextmanager
def web(**settings: Any) -> Iterator[Web]:
    """Run an HTTP server."""
    state = Web(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append((self.path, dict(self.headers), body))
            if state.hold is not None:
                state.hold.wait(30)
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/send?key=abcdefghijklmnop"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        if state.hold is not None:
            state.hold.set()
        server.shutdown()
        server.server_close()


@contextmanager
def raw(speak: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a TCP server that does with each connection what it is told; yield its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(line,), daemon=True).start()

    def talk(line: socket.socket) -> None:
        with line:
            try:
                speak(line)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def drip(line: socket.socket) -> None:
    """Answer one byte now and then, for ever, so that no single read ever times out."""
    for char in b"220-a very slow greeting " * 1000:
        line.sendall(bytes([char]))
        time.sleep(0.02)


def garbage(line: socket.socket) -> None:
    """Answer nonsense."""
    line.recv(65536)
    line.sendall(bytes(range(256)) * 4 + b"\r\n\r\n")
    line.shutdown(socket.SHUT_WR)
    while line.recv(65536):  # closing with unread bytes would cut the line before the nonsense is read
        continue


def silence(line: socket.socket) -> None:
    """Never answer, until the other side goes."""
    while line.recv(4096):
        continue


def hang_up(line: socket.socket) -> None:
    """Close at once."""
    line.close()


@dataclass
class Mails:
    """A real SMTP server that keeps what it receives."""

    port: int = 0
    refuse: str = ""
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)


@contextmanager
def smtp(**settings: Any) -> Iterator[Mails]:  # noqa: C901 -- one protocol in one place
    """Run an SMTP sink on its own event loop."""
    state = Mails(**settings)
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(text: str) -> None:
            writer.write(text.encode() + b"\r\n")

        say("220 sink")
        sender, to = "", []
        while line := (await reader.readline()).decode().strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == "EHLO":
                writer.write(b"250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n")
            elif verb == "AUTH":
                state.logins.append(line)
                say("535 5.7.8 wrong password" if state.refuse == "AUTH" else "235 ok")
            elif verb in {"MAIL", "RCPT"}:
                if state.refuse == verb:
                    say("550 5.1.1 no such user")
                    continue
                address = line[line.index("<") + 1 : line.index(">")]
                sender, to = (address, []) if verb == "MAIL" else (sender, [*to, address])
                say("250 ok")
            elif verb == "DATA":
                say("354 go on")
                data = b""
                while (part := await reader.readline()) != b".\r\n":
                    data += part
                if state.refuse == "DATA":
                    say("451 4.3.0 try later")
                    continue
                state.mails.append((sender, to, data))
                say("250 kept")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        state.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await server.serve_forever()

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(serve())
        except (asyncio.CancelledError, RuntimeError):
            return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield state
    finally:
        for task in asyncio.all_tasks(loop):
            loop.call_soon_threadsafe(task.cancel)
        thread.join(5)
