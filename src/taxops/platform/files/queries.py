"""What files there are for whom."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.queries import within

from . import purposes
from .models import StoredFile

PERMISSION = "files.view"


def _visible(scope: Scope) -> Q:
    """Return the condition for files this person may open: his own, those his permissions cover."""
    seen = within(scope, PERMISSION)
    if scope.actor_id is not None:
        seen |= Q(uploaded_by=scope.actor_id)
    for purpose in purposes.list_all():
        if purpose.permission and scope.has(purpose.permission):
            seen |= Q(purpose=purpose.code) & within(scope, purpose.permission)
    return seen


def list_files(scope: Scope) -> QuerySet[StoredFile]:
    """Return the files within the scope, newest first, with uploader and organisation."""
    return StoredFile.objects.filter(_visible(scope)).select_related("uploaded_by", "org")


def managed(scope: Scope) -> QuerySet[StoredFile]:
    """Return the files of the organisations where this person holds `files.view`."""
    return StoredFile.objects.filter(within(scope, PERMISSION)).select_related("uploaded_by", "org")


def find(scope: Scope, file_id: int) -> StoredFile | None:
    """Return one file, or None outside the scope."""
    return list_files(scope).filter(pk=file_id).first()


def get(scope: Scope, file_id: int) -> StoredFile:
    """Return one file.

    Raises:
        NotFound: there is none within the scope.
    """
    found = list_files(scope).filter(pk=file_id).first()
    if found is None:
        raise NotFound("没有这个文件，或它不在您的查看范围内。", "请核对链接，或联系上传人。")
    return found
