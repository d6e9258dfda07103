"""Downloads (文件下载): scope checked, content checked, never run in the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import IO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from taxops.engines.base import Scope

from . import queries, rules, services

_CHUNK = 256 * 1024


def answer(request: HttpRequest, scope: Scope, file_id: int) -> StreamingHttpResponse:
    """Return the file as a download, or to be shown in place when `?inline=1` and its type is harmless.

    Raises:
        NotFound: there is none within the scope.
        Unavailable: its bytes are missing or changed.
    """
    file = queries.get(scope, file_id)
    inline = request.GET.get("inline") == "1" and rules.may_be_shown(file.media_type)
    stream = services.open_stream(file)
    # Django would read a synchronous stream whole into memory before an ASGI server sends its first byte.
    body = _async_chunks(stream) if isinstance(request, ASGIRequest) else _chunks(stream)
    return StreamingHttpResponse(
        body,
        content_type=file.media_type if inline else "application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(not inline, file.name) or "attachment",
            "Content-Length": str(file.size),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


async def _async_chunks(stream: IO[bytes]) -> AsyncIterator[bytes]:
    with stream:
        while chunk := await sync_to_async(stream.read)(_CHUNK):
            yield chunk
