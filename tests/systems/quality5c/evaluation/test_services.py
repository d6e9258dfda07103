"""Schemes frozen, trials without traces, publication by somebody else."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import services as figures
from taxops.systems.quality5c.evaluation import services
from taxops.systems.quality5c.evaluation.bulletin import bulletin
from taxops.systems.quality5c.evaluation.models import Scheme
from taxops.systems.quality5c.lifecycle import Act
from taxops.systems.quality5c.modelling import services as modelling
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from tests.systems.quality5c.conftest import MakeScheme, scope_at, store
from tests.systems.quality5c.modelling.test_services import changed

pytestmark = pytest.mark.django_db


def test_two_periods_of_one_template_are_independent_and_frozen(
    make_scheme: MakeScheme, counties: list[OrgUnit], author: Scope, reviewer: Scope, now: datetime
) -> None:
    store(counties, "2025-05", shift=3)
    first, second = make_scheme("2025-05"), make_scheme("2025-06")
    kept = first.frozen
    version = modelling.save_model(author, now=now, code="5C-province", data=changed())
    modelling.decide_model(author, version.pk, Act.SUBMIT, now=now)
    modelling.decide_model(reviewer, version.pk, Act.PUBLISH, now=now)
    again = services.evaluate_scheme(author, first.pk, now=now)
    assert (again.frozen, again.result_hash) == (kept, first.result_hash)
    assert first.result_hash != second.result_hash
    with pytest.raises(Conflict, match="2025-06"):
        make_scheme("2025-06")


def test_contributions_stored_add_up_to_the_stored_score(make_scheme: MakeScheme) -> None:
    scheme = make_scheme()
    assert scheme.scores.count() == 10
    for score in scheme.scores.all():
        parts = scheme.details.filter(org=score.org_id).values_list("contribution", flat=True)
        assert sum(p or 0 for p in parts) == pytest.approx(score.total, abs=0.01)


def test_every_unit_is_in_exactly_one_class_and_small_classes_merge(make_scheme: MakeScheme) -> None:
    scheme = make_scheme()
    classes = dict(scheme.scores.values_list("org_id", "peer_class"))
    assert len(classes) == 10
    assert {c for c in classes.values() if c.startswith("区局")} == {"区局（合并）"}


def test_a_scheme_is_published_by_somebody_else_and_then_closed(
    make_scheme: MakeScheme, author: Scope, reviewer: Scope, now: datetime
) -> None:
    scheme = make_scheme()
    with pytest.raises(NotPermitted, match="生成人"):
        services.publish_scheme(author, scheme.pk, now=now)
    services.publish_scheme(reviewer, scheme.pk, now=now)
    for again in (services.evaluate_scheme, services.publish_scheme):
        with pytest.raises(Conflict):
            again(reviewer, scheme.pk, now=now)


def test_what_is_not_good_enough_is_computed_and_not_published(
    make_scheme: MakeScheme, author: Scope, reviewer: Scope, now: datetime
) -> None:
    scheme = make_scheme()
    some = list(scheme.details.order_by("pk").values_list("pk", flat=True))
    scheme.details.filter(pk__in=some[: len(some) // 4]).update(state="missing")
    with pytest.raises(Conflict, match=r"占 25\.\d%（上限 20%）"):
        services.publish_scheme(reviewer, scheme.pk, now=now)
    services.evaluate_scheme(author, scheme.pk, now=now)  # the data are whole again
    figures.record_problems("2025-06", {"C101": [("control_total", "控制总数「申报」为 10，实有 9 行")]})
    with pytest.raises(Conflict, match="C101 控制总数「申报」"):
        services.publish_scheme(reviewer, scheme.pk, now=now)
    assert Scheme.objects.get().state == "open"
    figures.record_problems("2025-06", {"C101": []})
    services.publish_scheme(reviewer, scheme.pk, now=now)


def test_what_cannot_be_made_is_refused(filled: None, author: Scope, now: datetime) -> None:
    template = SchemeTemplate.objects.get(code="county-month")
    with pytest.raises(BadInput):
        services.make_scheme(author, now=now, template_id=template.pk, period="六月")
    with pytest.raises(NotFound):
        services.make_scheme(author, now=now, template_id=0, period="2025-06")
    SchemeTemplate.objects.update(is_active=False)
    with pytest.raises(Conflict):
        services.make_scheme(author, now=now, template_id=template.pk, period="2025-06")
    assert not Scheme.objects.exists()


def test_a_unit_without_data_is_not_evaluated_and_the_others_are(
    shipped: None, counties: list[OrgUnit], author: Scope, now: datetime
) -> None:
    store(counties[1:])
    template = SchemeTemplate.objects.get(code="county-month")
    scheme = services.make_scheme(author, now=now, template_id=template.pk, period="2025-06")
    services.evaluate_scheme(author, scheme.pk, now=now)
    empty = scheme.scores.get(org=counties[0])
    assert (empty.total, empty.grade, empty.rank) == (None, "", 0)
    assert scheme.scores.exclude(total=None).count() == 9


@pytest.mark.parametrize(("form", "begins"), [("docx", b"PK"), ("pdf", b"%PDF")])
def test_the_bulletin_is_printed(make_scheme: MakeScheme, author: Scope, form: str, begins: bytes) -> None:
    data, kind = bulletin(author, make_scheme(), form)
    assert data.startswith(begins)
    assert "/" in kind


def test_only_somebody_of_the_province_decides_for_it(
    make_scheme: MakeScheme, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    local = scope_at(counties[0], actor=7)
    for act in (services.publish_scheme, services.evaluate_scheme):
        with pytest.raises(NotPermitted):
            act(local, scheme.pk, now=now)


def test_bonus_penalty_and_veto_reach_the_stored_score(
    make_scheme: MakeScheme, author: Scope, reviewer: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    plain = {s.org_id: s for s in make_scheme().scores.all()}
    data = changed()
    data["tree"]["C1"]["w"], data["tree"]["C2"]["w"] = 30, 20
    data["caps"] = [{"weakest_aspect": 9}, {"veto": {"code": "B01", "op": ">", "limit": 0, "max": "E"}}]
    data["adjust"] = [{"code": "B01", "op": ">", "limit": 0, "points": -1.5}]
    version = modelling.save_model(author, now=now, code="5C-province", data=data)
    modelling.decide_model(author, version.pk, Act.SUBMIT, now=now)
    modelling.decide_model(reviewer, version.pk, Act.PUBLISH, now=now)
    other = SchemeTemplate.objects.create(code="other", name="另一个", model=version.model)
    scheme = services.make_scheme(author, now=now, template_id=other.pk, period="2025-06")
    services.evaluate_scheme(author, scheme.pk, now=now)
    for score in scheme.scores.all():
        assert score.total == pytest.approx((plain[score.org_id].total or 0) - 1.5, abs=1e-6)
        assert (score.grade, score.capped_by in {"veto:B01", ""}) == ("E", True)
        assert score.adjustments == [{"code": "B01", "points": -1.5, "words": "B01 大于 0"}]
