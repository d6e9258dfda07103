"""The template chooses the columns of results and exports; the reader's own choice comes first."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.evaluation.views.schemes import Ratings
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from taxops.systems.quality5c.modelling.words import RATING_COLUMNS
from tests import factories
from tests.systems.quality5c.conftest import MakeScheme


@pytest.mark.same_everywhere
def test_what_a_template_may_choose_are_the_columns_of_the_ratings() -> None:
    assert list(RATING_COLUMNS) == [(c.name, c.label) for c in Ratings.columns]


@pytest.mark.django_db
def test_list_and_export_follow_the_template_until_the_reader_chooses(
    make_scheme: MakeScheme, top: OrgUnit, client: Client
) -> None:
    scheme = make_scheme()
    SchemeTemplate.objects.update(columns=["org", "grade", "kept"])
    person = factories.person("reader", top, permissions=["quality5c.view", "quality5c.edit"])
    factories.sign_in(client, person, datetime.now(UTC))
    at = f"/quality5c/ratings/?scheme={scheme.pk}"

    def header(more: str = "") -> str:
        answer = client.get(f"{at}&format=csv{more}")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        return body.decode("utf-8-sig").splitlines()[0]

    assert header() == "单位,等级,等级稳定率"
    assert header("&cols=org,total").startswith("单位,得分")
    page = client.get(at).content.decode()
    assert "等级稳定率" in page
    SchemeTemplate.objects.update(columns=[])
    assert header().startswith("名次,90% 名次区间,单位")


@pytest.mark.django_db
def test_an_indicator_of_a_unit_leads_to_its_figure_of_the_same_period_and_version(
    make_scheme: MakeScheme, counties: list[OrgUnit], top: OrgUnit, client: Client
) -> None:
    score = make_scheme().scores.get(org=counties[0])
    person = factories.person("reader", top, permissions=["quality5c.view", "quality5c.edit"])
    factories.sign_in(client, person, datetime.now(UTC))
    old = IndicatorResult.objects.get(code="C101", org=counties[0])
    IndicatorResult.objects.create(
        code="C101", version=2, org=counties[0], period=old.period, num=1, den=2, value=0.5, state="trusted"
    )
    page = client.get(f"/quality5c/scores/{score.pk}/?tab=details").content.decode()
    (found,) = re.findall(r'href="([^"]*figures/[^"]*q=C101[^"]*)"', page)
    answer = client.get(found.replace("&amp;", "&") + "&format=csv&cols=code,version,org")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert [line.split(",")[:2] for line in lines[1:]] == [["C101", "1"]]
