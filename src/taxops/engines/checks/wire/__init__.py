"""The wire (通信层): our own epoll loop, connections, names and HTTP/1.1; nothing in it ever blocks."""

from .attempt import DOING, Attempt, literal, tls_context
from .client import (
    REDIRECTS,
    Begun,
    Exchange,
    Request,
    Tls,
    add_up,
    certificate_days,
    exchange,
    fetch,
    is_near,
)
from .failure import DeadlineReached, Failed, of_os_error, of_tls_error, verify_words
from .http1 import BODY_LIMIT, METHODS, Answer, check_header, excerpt, render
from .loop import EDGE, SLOT_S, Loop, Task, Watched
from .resolver import Asked, Resolver, ask
from .stream import READABLE, READING, Stream, open_stream, socket_address
from .urls import Url, parse_url

__all__ = [
    "BODY_LIMIT",
    "DOING",
    "EDGE",
    "METHODS",
    "READABLE",
    "READING",
    "REDIRECTS",
    "SLOT_S",
    "Answer",
    "Asked",
    "Attempt",
    "Begun",
    "DeadlineReached",
    "Exchange",
    "Failed",
    "Loop",
    "Request",
    "Resolver",
    "Stream",
    "Task",
    "Tls",
    "Url",
    "Watched",
    "add_up",
    "ask",
    "certificate_days",
    "check_header",
    "excerpt",
    "exchange",
    "fetch",
    "is_near",
    "literal",
    "of_os_error",
    "of_tls_error",
    "open_stream",
    "parse_url",
    "render",
    "socket_address",
    "tls_context",
    "verify_words",
]
