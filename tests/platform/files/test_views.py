"""Downloads carry the right name and can do no harm."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from taxops.engines.base import NotFound
from taxops.platform.files import services, views
from tests.platform.province import Province

pytestmark = pytest.mark.django_db


def test_a_download_has_its_chinese_name_and_is_never_run(province: Province, now: datetime) -> None:
    scope = province.scope()
    file = services.store(scope, now=now, name='季度"报告".txt', stream=io.BytesIO("甲".encode()))
    response = views.answer(RequestFactory().get("/", {"inline": "1"}), scope, file.pk)
    assert b"".join(response.streaming_content) == "甲".encode()  # type: ignore[arg-type]  # sync here
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%AD%A3%E5%BA%A6")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    with pytest.raises(NotFound):
        views.answer(RequestFactory().get("/"), province.scope(province.neighbour), file.pk)


def test_pictures_may_be_shown_in_place_when_asked(province: Province, now: datetime) -> None:
    scope = province.scope()
    file = services.store(scope, now=now, name="图.png", stream=io.BytesIO(b"\x89PNG\r\n\x1a\n\0\0"))
    shown = views.answer(RequestFactory().get("/", {"inline": "1"}), scope, file.pk)
    assert (shown["Content-Type"], shown["Content-Disposition"][:6]) == ("image/png", "inline")
    saved = views.answer(RequestFactory().get("/"), scope, file.pk)
    assert saved["Content-Disposition"].startswith("attachment")


def test_a_download_over_asgi_goes_out_in_pieces(province: Province, now: datetime) -> None:
    async def whole(response: StreamingHttpResponse) -> list[bytes]:
        return [part async for part in response.streaming_content]  # type: ignore[union-attr]  # async here

    scope = province.scope()
    content = bytes(range(256)) * 4096
    file = services.store(scope, now=now, name="大.bin", stream=io.BytesIO(content))
    response = views.answer(AsyncRequestFactory().get("/"), scope, file.pk)
    assert response.is_async
    parts = async_to_sync(whole)(response)
    assert b"".join(parts) == content
    assert len(parts) == 4
