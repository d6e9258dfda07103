"""Model versions and templates: two people, nothing overwritten."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.systems.quality5c.lifecycle import Act
from taxops.systems.quality5c.modelling import services
from taxops.systems.quality5c.modelling.models import EvaluationModel, ModelVersion, SchemeTemplate

pytestmark = pytest.mark.django_db


def changed() -> dict[str, Any]:
    """Return the shipped content with five points moved from 征 to 服."""
    data: dict[str, Any] = copy.deepcopy(ModelVersion.objects.get(number=1).data)
    data["tree"]["C1"]["w"], data["tree"]["C2"]["w"] = 25, 25
    return data


def test_weights_that_do_not_add_up_store_nothing(shipped: None, author: Scope, now: datetime) -> None:
    data = changed()
    data["tree"]["C1"]["w"] = 26
    with pytest.raises(BadInput, match="101"):
        services.save_model(author, now=now, code="5C-province", data=data)
    assert ModelVersion.objects.count() == 1


def test_a_model_is_published_by_somebody_else(
    shipped: None, author: Scope, reviewer: Scope, now: datetime
) -> None:
    version = services.save_model(author, now=now, code="5C-province", data=changed(), note="服务加重")
    services.decide_model(author, version.pk, Act.SUBMIT, now=now)
    with pytest.raises(NotPermitted):
        services.decide_model(author, version.pk, Act.PUBLISH, now=now)
    services.decide_model(reviewer, version.pk, Act.PUBLISH, now=now)
    assert EvaluationModel.objects.get().live_version == 2
    assert ModelVersion.objects.get(number=1).state == "retired"


def test_one_draft_is_changed_and_equal_content_refused(shipped: None, author: Scope, now: datetime) -> None:
    first = services.save_model(author, now=now, code="5C-province", data=changed())
    with pytest.raises(BadInput, match="相同"):
        services.save_model(author, now=now, code="5C-province", data=changed())
    data = changed()
    data["tree"]["C1"]["w"], data["tree"]["C3"]["w"] = 20, 25
    assert services.save_model(author, now=now, code="5C-province", data=data).pk == first.pk
    with pytest.raises(NotFound):
        services.save_model(author, now=now, code="nothing", data=data)


def test_templates_are_saved_cloned_and_their_codes_are_unique(
    shipped: None, author: Scope, now: datetime
) -> None:
    model = EvaluationModel.objects.get()
    facts: dict[str, Any] = {
        "name": "试点", "model_id": model.pk, "level": "county", "excluded": ["101010"], "classes": 2,
        "smallest_class": 5, "lag_days": 20, "is_active": True,
    }  # fmt: skip
    made = services.save_template(author, now=now, pk=None, code="pilot", **facts)
    with pytest.raises(Conflict):
        services.save_template(author, now=now, pk=None, code="pilot", **facts)
    with pytest.raises(BadInput):
        services.save_template(author, now=now, pk=None, code="other", **{**facts, "name": " "})
    for wrong in ({"most_doubtful": 101}, {"most_doubtful": -1}, {"columns": ["nothing"]}):
        with pytest.raises(BadInput):
            services.save_template(author, now=now, pk=made.pk, **{**facts, **wrong})
    again = services.save_template(author, now=now, pk=made.pk, **{**facts, "classes": 3})
    assert (again.revision, again.classes, again.code) == (2, 3, "pilot")
    assert services.load_shipped_model(author, now=now) == model
    assert SchemeTemplate.objects.count() == 3
