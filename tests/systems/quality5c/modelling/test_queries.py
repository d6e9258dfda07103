"""Reads of models: what counts, and which models an indicator touches."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.systems.quality5c.modelling import queries, services
from tests.systems.quality5c.modelling.test_services import changed

pytestmark = pytest.mark.django_db


def test_the_impact_list_names_every_model_version_that_uses_an_indicator(
    shipped: None, author: Scope, now: datetime
) -> None:
    services.save_model(author, now=now, code="5C-province", data=changed())
    assert [v.number for v in queries.uses_of("C101")] == [2, 1]
    assert queries.uses_of("C114") == []


def test_models_versions_and_templates_are_found(shipped: None) -> None:
    model = queries.list_models().get()
    assert queries.find_model(model.pk) == model
    version = queries.live_version(model)
    assert version is not None
    assert queries.find_version(version.pk) == version
    assert queries.versions_of("5C-province") == [version]
    template = queries.list_templates().get(code="city-month")
    assert queries.find_template(template.pk) == template
    assert queries.find_template(0) is None
