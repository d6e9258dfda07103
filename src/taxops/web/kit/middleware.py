"""The one place where failures of pages become answers (错误处理)."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse

from . import errors


class ErrorMiddleware:
    """Turns typed errors into pages, toasts or JSON, and faults into a numbered page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer an exception that a page raised; Django's own 400, 403 and 404 keep their way."""
        known = errors.translate(exception)
        if known is not None:
            return errors.answer(request, known)
        if isinstance(exception, Http404 | PermissionDenied | SuspiciousOperation):
            return None
        got_request_exception.send(sender=None, request=request)  # tests and tracers listen to it
        return errors.broken(request, exception)
