"""Downloads (文件下载): scope checked, content checked, never run in the page."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest

from taxops.engines.base import Scope

from . import queries, rules, services


def answer(request: HttpRequest, scope: Scope, file_id: int) -> FileResponse:
    """Return the file as a download, or to be shown in place when `?inline=1` and its type is harmless.

    Raises:
        NotFound: there is none within the scope.
        Unavailable: its bytes are missing or changed.
    """
    file = queries.get(scope, file_id)
    inline = request.GET.get("inline") == "1" and rules.may_be_shown(file.media_type)
    response = FileResponse(
        services.open_stream(file),
        as_attachment=not inline,
        filename=file.name,
        content_type=file.media_type if inline else "application/octet-stream",
    )
    response["Content-Length"] = str(file.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
