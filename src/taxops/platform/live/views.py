"""The stream itself (`/live/`): an async response that holds no database connection while it waits."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from taxops.engines.base import Scope, TaxopsError

from . import queries, rules, stores
from .hub import Mailbox
from .tail import Tail

_SESSION = "identity"  # where identity's middleware keeps the key of the login session


@functools.cache
def tail() -> Tail:
    """Return this process's tail."""
    return Tail(stores.current(), queries.ended_sessions)


class NotLoggedIn(TaxopsError):
    """Nobody is logged in (未登录)."""

    code = "not_logged_in"
    status = 401


async def stream(request: HttpRequest) -> HttpResponseBase:
    """Answer with the live stream of the topics asked for; see the room's docstring for the contract."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    try:
        asked = await sync_to_async(_check)(request)
    except TaxopsError as error:
        return JsonResponse(error.as_dict(), status=error.status, json_dumps_params={"ensure_ascii": False})
    end_with_the_process()
    return StreamingHttpResponse(
        _frames(asked),
        content_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a stream was asked for, found allowed."""

    listenings: tuple[rules.Listening, ...]
    person: int
    session: str
    since: int | None


def _check(request: HttpRequest) -> _Asked:
    """Find out who asks for what; runs in a thread since the scope is read from the database."""
    scope: Scope = getattr(request, "scope")  # noqa: B009 -- set by identity's middleware, unknown to Django
    if not scope.actor_id:
        raise NotLoggedIn("您还没有登录，或登录已失效。", "请重新登录。")
    listenings = rules.listenings(scope, request.GET.getlist("topic"))
    tail().hub.admit(scope.actor_id)
    since = rules.parse_cursor(request.headers.get("Last-Event-ID"))
    if since is None:
        since = rules.parse_cursor(request.GET.get("since"))
    session: Any = getattr(request, "session", {})
    return _Asked(listenings, scope.actor_id, str(session.get(_SESSION, "")), since)


def _join(box: Mailbox, since: int | None) -> None:
    """Begin to listen, then give back the connections that this request's thread opened on its way here."""
    try:
        tail().join(box, since)
    finally:
        connections.close_all()


async def _frames(asked: _Asked) -> AsyncIterator[str]:
    """Yield frames until the reader goes, the login ends, the server stops, or it is time to begin anew.

    The mailbox is joined in here, not in the view: a generator that never starts leaves nothing behind.
    """
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(
            RuntimeError
        ):  # the loop is closed: the server is gone, and so is the reader
            loop.call_soon_threadsafe(news.set)

    box = Mailbox(asked.listenings, wake=wake, person=asked.person, session=asked.session)
    try:
        await sync_to_async(_join)(box, asked.since)
        yield f"retry: 2000\n{box.beat()}"
        started = spoken = time.monotonic()
        while not box.closed:
            now = time.monotonic()
            if now - started > rules.RENEW_S:
                box.closed = "renew"
                break
            due = box.due_in(now)
            beat_in = rules.HEARTBEAT_S - (now - spoken)
            if due is not None and due <= 0:
                spoken = now
                yield box.take(now)
            elif beat_in <= 0:
                spoken = now
                yield box.beat()
            else:
                await _wait(news, beat_in if due is None else min(due, beat_in))
        yield rules.bye_frame(box.closed)
    except TaxopsError as error:
        yield rules.bye_frame(error.code)
    finally:
        tail().hub.detach(box)


async def _wait(news: asyncio.Event, timeout: float) -> None:
    """Wait for news, but not for longer than the timeout."""
    try:
        async with asyncio.timeout(timeout):
            await news.wait()
    except TimeoutError:
        return
    news.clear()


@functools.cache
def end_with_the_process() -> None:
    """End open streams the moment the server is told to stop (Ctrl-C, SIGTERM); arranged once.

    A server waits for its open responses before it tells anybody that it stops, so a stream that
    waits for the server would wait for ever; hence the server's own signal handlers are wrapped.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        previous = signal.getsignal(number)
        if callable(previous):
            signal.signal(number, functools.partial(_stop, previous))


def _stop(previous: Any, number: int, frame: Any) -> None:
    """End all streams, then let the server do what it does on this signal.

    In a thread, since the interrupted code may hold the very lock that this needs.
    """
    threading.Thread(target=tail().stop, name="live-stop", daemon=True).start()
    previous(number, frame)
