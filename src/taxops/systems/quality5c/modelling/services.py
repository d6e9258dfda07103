"""Use cases of models and templates (模型与模板维护)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.engines.indicators import Grain
from taxops.platform.audit import services as audit
from taxops.systems.quality5c import lifecycle
from taxops.systems.quality5c.definitions.queries import drafted_names, live_definitions, require_province
from taxops.systems.quality5c.lifecycle import Act, VersionState

from .models import EvaluationModel, ModelVersion, SchemeTemplate
from .rules import checked, shipped_model
from .words import RATING_COLUMNS, Receivers, Timing, UnitLevel

EDIT = "quality5c.edit"
REVIEW = "quality5c.review"
SHIPPED = "5C-province"


def load_shipped_model(scope: Scope, *, now: datetime) -> EvaluationModel:
    """Store the shipped model and its template once; repeating changes nothing."""
    found = EvaluationModel.objects.filter(code=SHIPPED).first()
    if found is not None:
        return found
    definitions = {code: d for code, (_, d) in live_definitions().items()}
    data = shipped_model(definitions)
    with transaction.atomic():
        model = EvaluationModel.objects.create(code=SHIPPED, name=data["model"], live_version=1)
        ModelVersion.objects.create(
            model=model, number=1, data=data, state=VersionState.LIVE.value, author_name="随产品交付",
            reviewer_name=scope.actor_name, created_at=now, decided_at=now, note="权重与门柱为占位，由省局核定",
        )  # fmt: skip
        SchemeTemplate.objects.create(
            code="county-month", name="县区局月度综合评价", model=model, send_to=Receivers.UNITS.value
        )
        SchemeTemplate.objects.create(
            code="city-month", name="市局月度综合评价", model=model, level=UnitLevel.CITY, classes=1,
            send_to=Receivers.UNITS.value,
        )  # fmt: skip
        audit.record(
            scope,
            now=now,
            action="quality5c.model.load",
            kind="evaluation_model",
            object_id=SHIPPED,
            label=model.name,
            after={"items": len(definitions)},
        )
    return model


def save_model(
    scope: Scope, *, now: datetime, code: str, data: Mapping[str, Any], note: str = ""
) -> ModelVersion:
    """Store a model's content as a draft: a new version, or a change of the author's own draft.

    Raises:
        NotFound: there is no such model.
        BadInput: weights of a level do not add up to 100, an indicator is unknown, nothing changed. An indicator
            that is still a draft may be in it; the version can be published when the indicator is.
        NotPermitted: who may not write for the whole province.
    """
    require_province(scope, EDIT)
    checked(data, drafted_names())
    with transaction.atomic():
        model = EvaluationModel.objects.select_for_update().filter(code=code).first()
        if model is None:
            raise NotFound(f"没有评价模型「{code}」。", "请从模型列表进入。")
        latest = model.versions.order_by("-number").first()
        if latest is not None and latest.data == data:
            raise BadInput("内容与现有的最新版本相同，没有保存。", "请修改后再保存。")
        editable = {VersionState.DRAFT.value, VersionState.TRIAL.value}
        if latest is not None and latest.state in editable and latest.author_id == scope.actor_id:
            version = latest
        else:
            version = ModelVersion(model=model, number=1 if latest is None else latest.number + 1)
        version.data, version.state = dict(data), VersionState.DRAFT.value
        version.author_id, version.author_name = scope.actor_id, scope.actor_name
        version.created_at, version.note = now, note[:300]
        version.save()
        audit.record(
            scope,
            now=now,
            action="quality5c.model.draft",
            kind="evaluation_model",
            object_id=model.code,
            label=str(version),
            after={"number": version.number, "note": note},
        )
    return version


def decide_model(scope: Scope, pk: int, act: Act, *, now: datetime, note: str = "") -> ModelVersion:
    """Take a model version one step further.

    Raises:
        NotFound, NotPermitted, Conflict: none there, own review, or the state does not allow it.
        BadInput: it is to be published with an indicator that does not count yet.
    """
    require_province(scope, REVIEW if act in lifecycle.DECISIONS else EDIT)
    with transaction.atomic():
        version = (
            ModelVersion.objects.select_for_update(of=("self",)).select_related("model").filter(pk=pk).first()
        )
        if version is None:
            raise NotFound("没有这个模型版本。", "请从模型页面进入。")
        before = lifecycle.advance(
            version, act, actor_id=scope.actor_id, actor_name=scope.actor_name, now=now, note=note
        )
        if act is Act.PUBLISH:
            checked(version.data, live_definitions())
        version.save()
        if act is Act.PUBLISH:
            ModelVersion.objects.filter(model=version.model, state=VersionState.LIVE.value).exclude(
                pk=pk
            ).update(state=VersionState.RETIRED.value)
            EvaluationModel.objects.filter(pk=version.model_id).update(live_version=version.number)
        elif act is Act.RETIRE:
            EvaluationModel.objects.filter(pk=version.model_id).update(live_version=None)
        audit.record(
            scope,
            now=now,
            action=f"quality5c.model.{act.value}",
            kind="evaluation_model",
            object_id=version.model.code,
            label=str(version),
            before={"state": before},
            after={"state": version.state, "note": note},
        )
    return version


def save_template(
    scope: Scope, *, now: datetime, pk: int | None, name: str, model_id: int, level: str, excluded: Sequence[str],
    classes: int, smallest_class: int, lag_days: int, is_active: bool, grain: str = Grain.MONTH.value,
    most_doubtful: int = 20, timing: str = Timing.OFF.value,
    send_to: str = Receivers.NONE.value, columns: Sequence[str] = (), code: str = "",
) -> SchemeTemplate:  # fmt: skip
    """Store a scheme template; schemes made from it before keep what was frozen into them.

    Args:
        most_doubtful: percent of a scheme's figures that may be doubtful or missing when it is published.

    Raises:
        NotFound: it is not there. Conflict: the code is taken.
        BadInput: no name, a limit that is no percentage, or a column that is none.
    """
    require_province(scope, EDIT)
    if not name.strip():
        raise BadInput("请填写模板名称。", field="name")
    if not 0 <= most_doubtful <= 100:
        raise BadInput("存疑与缺失上限应在 0 到 100 之间。", "它是百分比。", field="most_doubtful")
    strange = [c for c in columns if c not in dict(RATING_COLUMNS)]
    if strange:
        raise BadInput(f"没有结果列「{'、'.join(strange)}」。", "请从列表中选择。", field="columns")
    with transaction.atomic():
        if pk is None:
            if SchemeTemplate.objects.filter(code=code).exists():
                raise Conflict(f"模板代码「{code}」已被使用。", "请换一个代码。", field="code")
            template, before = SchemeTemplate(code=code), {}
        else:
            found = SchemeTemplate.objects.select_for_update().filter(pk=pk).first()
            if found is None:
                raise NotFound("没有这个方案模板。", "请从列表进入。")
            template, before = found, _facts(found)
            template.revision += 1
        template.name, template.level, template.model_id = name.strip(), level, model_id
        template.excluded, template.classes = list(excluded), classes
        template.smallest_class, template.lag_days = smallest_class, lag_days
        template.most_doubtful = most_doubtful
        template.grain, template.timing = Grain(grain).value, Timing(timing).value
        template.send_to, template.is_active = Receivers(send_to).value, is_active
        template.columns = [c for c, _ in RATING_COLUMNS if c in columns]
        template.save()
        audit.record(
            scope,
            now=now,
            action="quality5c.template.save",
            kind="scheme_template",
            object_id=template.pk,
            label=template.name,
            before=before,
            after=_facts(template),
        )
    return template


def _facts(t: SchemeTemplate) -> dict[str, object]:
    return {
        "name": t.name, "level": t.level, "excluded": list(t.excluded), "classes": t.classes,
        "smallest_class": t.smallest_class, "lag_days": t.lag_days, "is_active": t.is_active,
        "most_doubtful": t.most_doubtful, "grain": t.grain, "timing": t.timing,
        "send_to": t.send_to, "columns": list(t.columns),
    }  # fmt: skip
