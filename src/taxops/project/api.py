"""The HTTP API (接口): routers of every manifest under `/api/v1/`, one shape for errors."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from taxops import __version__
from taxops.engines.base import BadInput, NotPermitted, TaxopsError
from taxops.project.assemble import manifests


class Unauthenticated(TaxopsError):
    """Nobody is known to be asking (未登录)."""

    code = "unauthenticated"
    status = 401


def signed_in(request: HttpRequest) -> Any:
    """Return the caller when there is one: a session or a bearer token.

    Raises:
        Unauthenticated: there is none.
        NotPermitted: a session writes without its cross-site token.
    """
    scope = getattr(request, "scope", None)
    if scope is None or scope.actor_id is None:
        raise Unauthenticated(
            "请先登录，或在请求头中提供有效的接口令牌。", "令牌可由有权限的人员在「接口令牌」页创建。"
        )
    if scope.via != "api" and request.method not in {"GET", "HEAD", "OPTIONS"}:
        # ninja marks its views csrf_exempt; a browser session must still prove where it comes from
        from django.middleware.csrf import CsrfViewMiddleware

        checker = CsrfViewMiddleware(lambda _: HttpResponse())
        checker.process_request(request)
        if checker.process_view(request, lambda _: HttpResponse(), (), {}) is not None:
            raise NotPermitted("请求缺少防跨站校验码。", "请从页面操作，或改用接口令牌。")
    return scope


api = NinjaAPI(
    title="TaxOps",
    version=__version__,
    description="税务信息系统运维与管理平台接口。认证：`Authorization: Bearer <令牌>` 或已登录的会话。",
    openapi_url="openapi.json",
    docs_url=None,  # its page loads scripts from outside; the description itself is enough
    urls_namespace="api",
    auth=signed_in,
)


def _answer(request: HttpRequest, error: TaxopsError | type[TaxopsError]) -> HttpResponse:
    assert isinstance(error, TaxopsError)  # the handler's type allows a class; none is ever raised
    return api.create_response(request, error.as_dict(), status=error.status)


def _invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    """Answer 422 in our shape: which field, and what is wrong with it."""
    assert isinstance(error, ValidationError)
    first = error.errors[0] if error.errors else {"loc": (), "msg": ""}
    where = ".".join(str(part) for part in first.get("loc", ()) if part not in {"body", "payload", "query"})
    answer = BadInput(
        f"请求内容不符合接口要求：{first.get('msg', '')}", "请对照接口说明修改。", field=where or None
    )
    return api.create_response(request, {**answer.as_dict(), "errors": error.errors}, status=422)


def _http(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    assert isinstance(error, HttpError)
    answer = BadInput("请求无法解析。", "请求体应为 UTF-8 编码的 JSON。")
    return api.create_response(request, {**answer.as_dict(), "detail": str(error)}, status=error.status_code)


api.add_exception_handler(TaxopsError, _answer)
api.add_exception_handler(ValidationError, _invalid)
api.add_exception_handler(HttpError, _http)

for _manifest in manifests():
    for _prefix, _router in _manifest.api_routers:
        api.add_router(_prefix, _router)
