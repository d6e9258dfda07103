"""Each person is told what lies within his area, once, and nothing before publication."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import Conflict, NotFound, NotPermitted, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.platform.notify.models import Notice
from taxops.systems.quality5c.evaluation import sending, services
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from tests import factories
from tests.systems.quality5c.conftest import MakeScheme, scope_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(counties: list[OrgUnit], top: OrgUnit) -> dict[str, int]:
    """Return one reader each: of the province, a city, two counties; and somebody who may not see results."""
    view = ["quality5c.view"]
    return {
        "province": factories.person("p", top, permissions=view).pk,
        "city": factories.person("c", OrgUnit.objects.get(code="101000"), permissions=view).pk,
        "first": factories.person("x1", counties[0], permissions=view).pk,
        "second": factories.person("x2", counties[1], permissions=view).pk,
        "other": factories.person("y", counties[0], permissions=["files.view"]).pk,
    }


def test_publication_tells_each_what_he_may_see(
    make_scheme: MakeScheme, counties: list[OrgUnit], people: dict[str, int], reviewer: Scope, now: datetime
) -> None:
    scheme = make_scheme()
    assert not Notice.objects.exists(), "nothing before it is published"
    services.publish_scheme(reviewer, scheme.pk, now=now)
    told = {n.person_id: n for n in Notice.objects.all()}
    assert set(told) == {people[k] for k in ("province", "city", "first", "second")}
    for place, who in enumerate(("first", "second")):
        own, note = scheme.scores.get(org=counties[place]), told[people[who]]
        assert note.link == f"/quality5c/scores/{own.pk}/"
        assert f"得分 {own.total:.2f}，第 {own.rank} 名" in note.body
        others = [o.short_name or o.name for o in counties if o != counties[place]]
        assert not any(name in note.title + note.body for name in others)
    assert "所辖 5 个单位" in told[people["city"]].title
    assert "所辖 10 个单位" in told[people["province"]].title
    late = factories.person("late", counties[2], permissions=["quality5c.view"]).pk
    sending.send_results(reviewer, scheme.pk, now=now)
    assert Notice.objects.count() == 5, "who was told is not told twice"
    assert Notice.objects.filter(person_id=late).exists()


@pytest.mark.parametrize(("send_to", "who"), [("none", []), ("province", ["province"])])
def test_the_template_says_how_far(
    make_scheme: MakeScheme,
    people: dict[str, int],
    reviewer: Scope,
    now: datetime,
    send_to: str,
    who: list[str],
) -> None:
    SchemeTemplate.objects.update(send_to=send_to)
    services.publish_scheme(reviewer, make_scheme().pk, now=now)
    assert list(Notice.objects.values_list("person_id", flat=True)) == [people[w] for w in who]


def test_what_cannot_be_sent_is_refused(
    make_scheme: MakeScheme, counties: list[OrgUnit], people: dict[str, int], reviewer: Scope, now: datetime
) -> None:
    scheme = make_scheme()
    with pytest.raises(Conflict, match="还没有发布"):
        sending.send_results(reviewer, scheme.pk, now=now)
    with pytest.raises(NotFound):
        sending.send_results(reviewer, 0, now=now)
    with pytest.raises(NotPermitted):
        sending.send_results(scope_at(counties[0]), scheme.pk, now=now)
    SchemeTemplate.objects.update(send_to="none")
    services.publish_scheme(reviewer, scheme.pk, now=now)
    with pytest.raises(Conflict, match="不发送"):
        sending.send_results(reviewer, scheme.pk, now=now)
    assert not Notice.objects.exists()
