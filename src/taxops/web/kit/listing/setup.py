"""Chosen columns and saved views (列表设置与常用视图): read and changed for one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Scope
from taxops.web.models import ListSetup, SavedView

MAX_VIEWS = 30


def chosen(scope: Scope, page: str) -> ListSetup | None:
    """Return how this person wants the list, or None."""
    if scope.actor_id is None:
        return None
    return ListSetup.objects.filter(person_id=scope.actor_id, page=page).first()


def choose(scope: Scope, page: str, *, columns: Sequence[str], size: int) -> None:
    """Keep the columns, in order, and the page size; an empty choice goes back to the default."""
    if scope.actor_id is None:
        return
    if not columns:
        ListSetup.objects.filter(person_id=scope.actor_id, page=page).delete()
        return
    ListSetup.objects.update_or_create(
        person_id=scope.actor_id, page=page, defaults={"columns": list(columns), "size": size}
    )


def views(scope: Scope, page: str) -> list[SavedView]:
    """Return this person's saved views of a list."""
    if scope.actor_id is None:
        return []
    return list(SavedView.objects.filter(person_id=scope.actor_id, page=page)[:MAX_VIEWS])


def save_view(scope: Scope, now: datetime, page: str, *, label: str, query: str) -> SavedView:
    """Keep a query under a name; the same name replaces the earlier one.

    Raises:
        BadInput: no name, a name or query too long, or too many views.
    """
    if scope.actor_id is None:
        raise BadInput("只有登录的人员可以保存视图。")
    label = label.replace("\x00", "").strip()
    if not label or len(label) > 40:
        raise BadInput("视图名称应为 1 到 40 个字。", "请填写名称后再保存。", field="label")
    if len(query) > 2000 or "\x00" in query:
        raise BadInput("条件过长，无法保存为视图。", "请减少筛选条件。")
    with transaction.atomic():
        kept = SavedView.objects.filter(person_id=scope.actor_id, page=page)
        if kept.exclude(label=label).count() >= MAX_VIEWS:
            raise BadInput(f"每个列表最多保存 {MAX_VIEWS} 个视图。", "请先删除不用的视图。")
        view, _ = SavedView.objects.update_or_create(
            person_id=scope.actor_id,
            page=page,
            label=label,
            defaults={"query": query, "created_at": now},
        )
    return view


def drop_view(scope: Scope, page: str, view_id: str) -> None:
    """Forget a saved view of this person."""
    if scope.actor_id is not None and view_id.isascii() and view_id.isdigit() and len(view_id) < 18:
        SavedView.objects.filter(person_id=scope.actor_id, page=page, pk=int(view_id)).delete()
