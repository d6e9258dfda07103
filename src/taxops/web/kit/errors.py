"""How failures are shown (错误页): one Chinese page, toast or JSON for each, rendered in one place."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from taxops.engines.base import BadInput, NotFound, NotPermitted, TaxopsError, TooLarge

from .page import asks_partial

log = logging.getLogger("taxops.web")


class Broken(TaxopsError):
    """A fault of ours (系统故障); logged once under the number that the reader sees."""

    code = "broken"
    status = 500


def answer(request: HttpRequest, error: TaxopsError) -> HttpResponse:
    """Return the error as the asker wants it: JSON for the API, a toast for htmx, else a page."""
    if request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(error.as_dict(), status=error.status, json_dumps_params={"ensure_ascii": False})
    if asks_partial(request):
        reply = HttpResponse(status=error.status)
        reply["HX-Reswap"] = "none"
        reply["HX-Trigger"] = toast(error.what, tone="bad", todo=error.todo)
        return reply
    context = {"error": error, "title": TITLES.get(error.status, "出错了")}
    return render(request, "kit/error.html", context, status=error.status)


TITLES = {
    400: "请求无法处理",
    403: "无权查看",
    404: "没有找到",
    409: "内容已变化",
    413: "内容过大",
    500: "系统出错了",
    503: "服务暂不可用",
}


def toast(message: str, *, tone: str = "good", todo: str = "", undo: str = "") -> str:
    """Return the `HX-Trigger` value that shows a toast; plain ASCII, as headers must be."""
    return json.dumps({"taxops:toast": {"message": message, "tone": tone, "todo": todo, "undo": undo}})


def translate(error: Exception) -> TaxopsError | None:
    """Return the typed error that an anticipated Django exception stands for, or None."""
    if isinstance(error, TaxopsError):
        return error
    if isinstance(error, RequestDataTooBig):
        return TooLarge("提交的内容过大，没有保存。", "请减少内容；大文件请用文件上传。")
    return None


def broken(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Log a fault once under a fresh number and show that number."""
    number = secrets.token_hex(4).upper()
    log.error(
        "fault %s at %s %s",
        number,
        request.method,
        request.path,
        exc_info=error if error is not None else True,
        extra={"number": number},
    )
    shown = Broken(
        f"系统内部出错，错误号 {number}。", "已经记录。请稍后重试；仍不行时，请把错误号告诉运维人员。"
    )
    try:
        reply = answer(request, shown)
    except Exception:
        log.exception("fault %s: the error page failed too", number)
        reply = HttpResponse(
            f"<!doctype html><html lang=zh-CN><title>系统出错了</title><h1>系统出错了</h1><p>{shown.what}{shown.todo}",
            status=500,
        )
    reply._has_been_logged = True  # type: ignore[attr-defined]  # Django would log it a second time
    return reply


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer a failed cross-site check (防跨站校验)."""
    return answer(
        request,
        NotPermitted(
            "页面已过期，操作没有执行。", "请刷新页面后重新提交；若反复出现，请确认浏览器允许 Cookie。"
        ),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what cannot be understood, or is too big (the cross-site check reads forms before any page)."""
    known = translate(exception) if exception is not None else None
    return answer(request, known or BadInput("请求无法处理。", "请从页面上的链接或按钮进入。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer what is not permitted."""
    return answer(request, NotPermitted("您没有查看这个页面的权限。", "如确需查看，请联系安全管理员授权。"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer an address that leads nowhere."""
    return answer(
        request, NotFound("没有这个页面，或它不在您的管理范围内。", "请检查地址，或用 Ctrl K 搜索。")
    )


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer a fault outside the views (in a middleware)."""
    return broken(request, None)
