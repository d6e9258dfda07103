"""Keeping templates (模板维护): built-in ones, drafts, versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.systems.operations.blueprints import queries, rules
from taxops.systems.operations.blueprints.builtin import built_in
from taxops.systems.operations.blueprints.models import (
    Blueprint,
    BlueprintVersion,
)
from taxops.systems.operations.blueprints.queries import WRITE


def ensure_blueprints(scope: Scope, *, now: datetime) -> int:
    """Store the built-in templates that are missing or changed (内置监控模板); return how many versions were made.

    A template whose draft a person changed is left alone. Safe at every start.
    """
    made = 0
    with transaction.atomic():
        for one in built_in():
            held = Blueprint.objects.filter(code=one.code).first()
            if held is not None and (held.built_in == one.digest or held.draft != queries.content_of(held)):
                continue
            if held is None:
                held = Blueprint(code=one.code, created_at=now)
            held.name, held.description, held.built_in = one.name, one.description, one.digest
            held.draft, held.updated_at = one.content, now
            held.save()
            _publish(scope, held, now, "内置模板")
            made += 1
    return made


def create_blueprint(
    scope: Scope,
    *,
    now: datetime,
    code: str,
    name: str,
    description: str = "",
    copied_from: int | None = None,
) -> Blueprint:
    """Set up a template (新建监控模板), empty or like another one.

    Raises:
        NotPermitted, NotFound.
        BadInput: code or name cannot be used.
        Conflict: the code is taken.
    """
    scope.require(WRITE)
    code, name = code.strip(), name.strip()
    if not code or not code.replace("-", "").isalnum() or not code.isascii() or len(code) > 40:
        raise BadInput("模板代码由字母、数字和短横线组成，最长 40 个字符。", field="code")
    if not name:
        raise BadInput("请填写模板名称。", field="name")
    content: Mapping[str, Any] = {"asks": [], "entries": []}
    if copied_from is not None:
        content = queries.get_blueprint(copied_from).draft
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Blueprint.objects.create(
                    code=code,
                    name=name[:80],
                    description=description.strip()[:400],
                    draft=content,
                    created_at=now,
                    updated_at=now,
                )
        except IntegrityError as error:
            raise Conflict(f"模板代码「{code}」已被使用。", "请换一个代码。") from error
        _record(scope, made, now, "blueprint.create", None, {"code": code, "name": made.name})
    return made


def save_entry(
    scope: Scope, pk: int, *, now: datetime, key: str, entry: Mapping[str, Any] | None
) -> Blueprint:
    """Put an entry into a template's draft, or take it out (修改模板草稿); nothing that runs changes.

    Args:
        key: which entry; one that is not there yet is added.
        entry: as it shall be; None takes it out.

    Raises:
        NotPermitted, NotFound.
        BadInput: the entry cannot be used.
    """
    scope.require(WRITE)
    with transaction.atomic():
        held = _held(pk)
        _put(scope, held, now, "entries", ("key", key), entry, "模板中没有这条检查。")
    return held


def save_ask(scope: Scope, pk: int, *, now: datetime, name: str, ask: Mapping[str, Any] | None) -> Blueprint:
    """Put a question into a template's draft, or take it out (修改套用时要填写的内容).

    Args:
        name: which placeholder it fills; one that is not there yet is added.
        ask: as it shall be; None takes it out.

    Raises:
        NotPermitted, NotFound.
        BadInput: the question cannot be used.
        Conflict: an entry still needs it.
    """
    scope.require(WRITE)
    with transaction.atomic():
        held = _held(pk)
        _put(scope, held, now, "asks", ("name", name), ask, "模板中没有这项填写内容。")
        if ask is None and name in rules.used(held.draft):
            raise Conflict(f"还有检查在用占位符「{name}」。", "请先修改或去掉用到它的检查。")
    return held


def _put(
    scope: Scope, held: Blueprint, now: datetime, part: str, mark: tuple[str, str],
    wanted: Mapping[str, Any] | None, missing: str,
) -> None:  # fmt: skip
    """Put one piece into a part of a locked template's draft, or take it out (修改草稿的一项).

    Args:
        part: list of the draft, "entries" or "asks".
        mark: the field that names a piece, and the name; one that is not there yet is added.
        wanted: as it shall be; None takes it out.
        missing: what is said when there is nothing to take out.

    Raises:
        NotFound: nothing to take out. BadInput: the draft cannot be used so.
    """
    field, name = mark
    pieces = [dict(one) for one in held.draft.get(part, [])]
    place = next((n for n, one in enumerate(pieces) if one[field] == name), None)
    before = None if place is None else pieces[place]
    if wanted is None:
        if place is None:
            raise NotFound(missing, "它可能已被去掉。")
        pieces.pop(place)
    elif place is None:
        pieces.append(dict(wanted))
    else:
        pieces[place] = dict(wanted)
    content = {**held.draft, part: pieces}
    rules.check_content(content)
    held.draft, held.updated_at = content, now
    held.save(update_fields=["draft", "updated_at"])
    _record(scope, held, now, "blueprint.edit", before, dict(wanted) if wanted else None)


def publish(scope: Scope, pk: int, *, now: datetime, note: str = "") -> BlueprintVersion:
    """Make the draft the version in force (发布模板); systems change only when it is applied to them.

    Raises:
        NotPermitted, NotFound, BadInput.
        Conflict: the draft is what is in force already.
    """
    scope.require(WRITE)
    with transaction.atomic():
        held = _held(pk)
        rules.check_content(held.draft)
        if held.number and held.draft == queries.content_of(held):
            raise Conflict("草稿与现行版本相同，没有可发布的改动。", "请先修改草稿。")
        made = _publish(scope, held, now, note)
        _record(scope, held, now, "blueprint.publish", None, {"number": made.number, "note": made.note})
    return made


def _held(pk: int) -> Blueprint:
    held = Blueprint.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if held is None:
        raise NotFound("没有这个监控模板。", "请从列表进入。")
    return held


def _publish(scope: Scope, held: Blueprint, now: datetime, note: str) -> BlueprintVersion:
    held.number += 1
    held.save(update_fields=["number"])
    return BlueprintVersion.objects.create(
        blueprint=held, number=held.number, content=held.draft, note=note.strip()[:200], made_at=now,
        made_by=scope.actor_name[:80],
    )  # fmt: skip


def _record(
    scope: Scope,
    held: Blueprint,
    now: datetime,
    action: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    audit.record(
        scope, now=now, action=action, kind="blueprint", object_id=held.pk, label=held.name, before=before,
        after=after,
    )  # fmt: skip
