"""Field work by phone (现场服务手机页): my dispatches, signing in, photos, a sheet that sends itself once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse

from taxops.engines.base import BadInput, Scope, TaxopsError, Unavailable, parse_instant
from taxops.platform.casework import queries as casework
from taxops.systems.operations.desk import queries, services
from taxops.systems.operations.desk.services.sheets import MOST_PHOTOS, PHOTO_BYTES
from taxops.web.kit import Page

_STATES = {
    "new": "待远程处理",
    "working": "远程处理中",
    "dispatched": "已派工",
    "arrived": "已到场",
    "parts": "等待配件",
    "done": "待厅方签字",
}
_TYPES = {"image/jpeg": "jpg", "image/png": "png"}


class FieldWork(Page):
    """My dispatches (我的派工)."""

    name = "desk-field"
    path = "operations/field/"
    title = "我的派工"
    permission = queries.HANDLE
    live_topic = "cases.changes"
    template = "operations/desk/field.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return my open field cases, what is due next first."""
        rows = [(case, _STATES.get(case.state, case.state)) for case in queries.my_field_work(scope)[:60]]
        return {"rows": rows}


class FieldCase(Page):
    """One dispatch (派工单)."""

    name = "desk-field-case"
    path = "operations/field/<int:pk>/"
    title = "派工单"
    permission = queries.HANDLE
    parent = "desk-field"
    template = "operations/desk/field_case.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the case with its facts, photos and sheets."""
        case = queries.field_case(scope, kwargs["pk"])
        view = queries.facts_of(scope, case, now)
        steps = {step.code for step in view.steps}
        return {
            "case": case,
            "state_label": _STATES.get(case.state, case.state),
            "facts": view.facts,
            "kind": "arrive" if "arrive" in steps else "finish" if case.state == "arrived" else "note",
            "sheets": queries.sheets_of(case)[:20],
            "files": casework.attachments(case),
            "most": MOST_PHOTOS,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take a sheet over; a device that queued it asks for JSON, a plain form is led back."""
        case = queries.field_case(self.scope, kwargs["pk"])
        wants_json = "application/json" in request.headers.get("Accept", "")
        try:
            made = self._send(case.pk, request)
        except TaxopsError as error:
            if wants_json:
                return JsonResponse(error.as_dict(), status=error.status)
            raise
        if wants_json:
            return JsonResponse({"id": made.pk, "at": made.at.isoformat()})
        messages.success(request, "已发送。")
        return HttpResponseRedirect(self.url("desk-field-case", pk=case.pk))

    def _send(self, case_id: int, request: HttpRequest) -> Any:
        sent = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
        try:
            place = [float(sent[n]) if sent.get(n) else None for n in ("latitude", "longitude")]
        except ValueError:
            raise BadInput("定位不正确。", "请重新定位。") from None
        return services.send_sheet(
            self.scope,
            now=self.now,
            key=sent.get("key", ""),
            case_id=case_id,
            kind=sent.get("kind", ""),
            at=parse_instant(sent["at"]) if sent.get("at") else None,
            place=sent.get("place", ""),
            latitude=place[0],
            longitude=place[1],
            text=sent.get("text", ""),
            parts=sent.get("parts", ""),
            photos=[*_queued(sent), *_uploaded(request)],
        )


def _queued(sent: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Return the photos that the device kept as data addresses.

    Raises:
        BadInput: one of them is no picture.
    """
    found: list[tuple[str, bytes]] = []
    for name in sorted(n for n in sent if n.startswith("photo_"))[: MOST_PHOTOS + 1]:
        head, _, text = sent[name].partition(",")
        media = head.removeprefix("data:").removesuffix(";base64")
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if media not in _TYPES or not data:
            raise BadInput("照片无法识别。", "请用手机相机重拍，格式为 JPEG 或 PNG。", field="photo")
        found.append((f"现场照片{len(found) + 1}.{_TYPES[media]}", data))
    return found


def _uploaded(request: HttpRequest) -> list[tuple[str, bytes]]:
    """Return the photos of a form sent without script."""
    uploads = request.FILES.getlist("photo")[: MOST_PHOTOS + 1]
    return [(u.name or "现场照片.jpg", u.read(PHOTO_BYTES + 1)) for u in uploads if u.size]


class FieldWorker(Page):
    """The script that answers for these pages without a net (离线脚本); lies here, since its scope is its folder."""

    name = "desk-field-worker"
    path = "operations/field/worker.js"
    title = "离线脚本"
    permission = queries.HANDLE
    parent = "desk-field"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the script, asked for anew each time.

        Raises:
            Unavailable: the front-end files are not there.
        """
        found = finders.find("operations/field-worker.js")
        if not isinstance(found, str):
            raise Unavailable("找不到离线脚本。", "请执行 ./run setup 取得前端文件后重试。")
        return HttpResponse(
            Path(found).read_bytes(), content_type="text/javascript; charset=utf-8",
            headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"},
        )  # fmt: skip


PAGES: Sequence[type[Any]] = [FieldWork, FieldCase, FieldWorker]
