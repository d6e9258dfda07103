"""Sheets from the field (现场单): sent once per key, whatever the net did in between. JL:95."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, NotPermitted, Scope
from taxops.platform.casework import queries as casework
from taxops.platform.casework import services
from taxops.systems.operations.desk.models import FieldSheet
from taxops.systems.operations.desk.words import SheetKind

MOST_PHOTOS = 6
PHOTO_BYTES = 3 * 1024 * 1024
_OLDEST = timedelta(days=3)
_AHEAD = timedelta(minutes=5)


def send_sheet(
    scope: Scope,
    *,
    now: datetime,
    key: str,
    case_id: int,
    kind: str,
    at: datetime | None = None,
    place: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    text: str = "",
    parts: str = "",
    photos: Sequence[tuple[str, bytes]] = (),
) -> FieldSheet:
    """Take over what an engineer wrote in the field: arriving, finishing with photos, or a word in between.

    Args:
        key: made by the device; the same key again returns what is stored.
        at: when it happened; the step of the case gets this time.
        photos: name and bytes.

    Raises:
        BadInput: an incomplete sheet, a time to come or older than three days, too many or too large photos.
        NotPermitted: nobody is signed in, or the key is somebody else's.
        NotFound, Conflict: as casework says; nothing is stored then, and the device may send again.
    """
    fact = min(at or now, now) if at is None or at <= now + _AHEAD else at
    _require_sound(scope, now, key, kind, fact, place, text, photos)
    _require_on_earth(latitude, longitude)
    known = FieldSheet.objects.filter(key=key).first()
    if known is None:
        case = casework.get(scope, case_id)
        try:
            with transaction.atomic():
                sheet = FieldSheet.objects.create(
                    key=key, case=case, kind=kind, person_id=scope.actor_id or 0, at=fact, entered_at=now,
                    place=place.strip()[:120], latitude=latitude, longitude=longitude,
                    text=text.strip()[:4000], n_photos=len(photos),
                )  # fmt: skip
                _act(scope, now, sheet, parts, photos)
                return sheet
        except IntegrityError:
            known = FieldSheet.objects.filter(key=key).first()  # the same sheet arrived twice at once
            if known is None:
                raise
    if known.person_id != scope.actor_id:
        raise NotPermitted("现场单重复，没有保存。", "请刷新页面后重填。")
    return known


def _act(
    scope: Scope, now: datetime, sheet: FieldSheet, parts: str, photos: Sequence[tuple[str, bytes]]
) -> None:
    for name, picture in photos:
        services.attach(
            scope, now=now, case_id=sheet.case_id, name=name, stream=io.BytesIO(picture), label="现场照片"
        )
    step_key = f"sheet-{sheet.key}"
    if sheet.kind == SheetKind.ARRIVE:
        where = sheet.place or "未写明"
        if sheet.latitude is not None and sheet.longitude is not None:
            where = f"{where}（{sheet.latitude:.6f}, {sheet.longitude:.6f}）"
        services.take(
            scope,
            now=now,
            case_id=sheet.case_id,
            step="arrive",
            data={"check_in": where},
            at=sheet.at,
            key=step_key,
        )
    elif sheet.kind == SheetKind.FINISH:
        data = {"work_done": sheet.text, **({"parts": parts.strip()[:200]} if parts.strip() else {})}
        services.take(
            scope, now=now, case_id=sheet.case_id, step="finish", data=data, at=sheet.at, key=step_key
        )
    else:
        services.comment(
            scope, now=now, case_id=sheet.case_id, text=sheet.text.replace("@", "＠"), key=step_key
        )


def _require_on_earth(latitude: float | None, longitude: float | None) -> None:
    """Do nothing when a position can be one; a device may send NaN.

    Raises:
        BadInput: it cannot.
    """
    for value, most in ((latitude, 90), (longitude, 180)):
        if value is not None and not -most <= value <= most:
            raise BadInput("定位不正确。", "请重新定位，或写明地点。", field="place")


def _require_sound(
    scope: Scope,
    now: datetime,
    key: str,
    kind: str,
    fact: datetime,
    place: str,
    text: str,
    photos: Sequence[tuple[str, bytes]],
) -> None:
    """Do nothing when a sheet can be taken over.

    Raises:
        BadInput, NotPermitted: it cannot.
    """
    if scope.actor_id is None:
        raise NotPermitted("现场单由工程师本人填写。", "请登录后填写。")
    if not 8 <= len(key) <= 64:
        raise BadInput("现场单不完整，没有保存。", "请刷新页面后重填。")
    if kind not in {k.value for k in SheetKind}:
        raise BadInput("没有这种现场单。", field="kind")
    if fact > now + _AHEAD or now - fact > _OLDEST:
        raise BadInput("现场单的时间不对。", "请校准手机时间；三天以前的请由值班人员补录。", field="at")
    if kind == SheetKind.ARRIVE and not place.strip():
        raise BadInput("请写明签到地点。", "例如：南关区办税服务厅。", field="place")
    if kind != SheetKind.ARRIVE and not text.strip():
        raise BadInput("请填写处理情况。", field="text")
    if len(photos) > MOST_PHOTOS:
        raise BadInput(f"照片最多 {MOST_PHOTOS} 张。", field="photo")
    if any(len(data) > PHOTO_BYTES for _, data in photos):
        raise BadInput("有照片超过 3 MB。", "请压缩后再传。", field="photo")
