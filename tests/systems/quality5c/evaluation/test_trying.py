"""Trials show what a change would do, and write no published table."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import services as definitions
from taxops.systems.quality5c.definitions.models import IndicatorVersion
from taxops.systems.quality5c.definitions.shipped import shipped
from taxops.systems.quality5c.evaluation import queries, trying
from taxops.systems.quality5c.evaluation.models import Detail, Scheme, Score, Trial
from taxops.systems.quality5c.lifecycle import Act
from taxops.systems.quality5c.modelling import services as modelling
from taxops.systems.quality5c.modelling.rules import with_weights
from taxops.systems.quality5c.modelling.words import WeightMethod
from taxops.systems.quality5c.recounts.models import Recount
from tests.systems.quality5c.conftest import MakeScheme

pytestmark = pytest.mark.django_db


def _published() -> list[object]:
    return [list(m.objects.order_by("pk").values()) for m in (Score, Detail, Scheme)]


def test_a_trial_with_equal_versions_changes_nothing_and_writes_no_published_table(
    make_scheme: MakeScheme, author: Scope, now: datetime
) -> None:
    scheme = make_scheme()
    before = _published()
    trial = trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="零差异")
    assert trial.result["summary"]["changed"] == 0
    assert trial.result["summary"]["max_shift"] == 0
    assert _published() == before


def test_a_trial_shows_who_moves_and_expires(
    make_scheme: MakeScheme, author: Scope, reviewer: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    before = _published()
    trial = trying.try_scheme(
        author, now=now, scheme_id=scheme.pk, title="加重征", weights={"C1": 50},
        values={(counties[0].code, "C101"): 0.5},
    )  # fmt: skip
    assert trial.result["summary"]["changed"] > 0
    mine = next(r for r in trial.result["rows"] if r["unit"] == counties[0].pk)
    assert mine["score_after"] != mine["score_before"]
    assert _published() == before
    with pytest.raises(NotPermitted):
        trying.discard_trial(reviewer, trial.pk, now=now)
    assert trying.clear_trials(now=now + timedelta(days=29)) == 0
    assert trying.clear_trials(now=now + timedelta(days=30)) == 1
    with pytest.raises(NotFound):
        trying.discard_trial(author, trial.pk, now=now)


def test_a_trial_that_fails_leaves_no_rows(make_scheme: MakeScheme, author: Scope, now: datetime) -> None:
    scheme = make_scheme()
    for wrong in (
        {"weights": {"C9": 10}},
        {"values": {("nowhere", "C101"): 1.0}},
        {"values": {("101010", "ZZ"): 1}},
    ):
        with pytest.raises(BadInput):
            trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="错", **wrong)
    with pytest.raises(NotFound):
        trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="错", model_version=9)
    assert not Trial.objects.exists()


def test_killing_a_trial_leaves_no_rows(
    make_scheme: MakeScheme, author: Scope, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme = make_scheme()
    before = _published()

    def killed(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("taxops.systems.quality5c.evaluation.trying.audit.record", killed)
    with pytest.raises(KeyboardInterrupt):
        trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="中断")
    assert not Trial.objects.exists()
    assert _published() == before


def _try(
    author: Scope, counties: list[OrgUnit], now: datetime, code: str = "C101", period: str = "2025-06"
) -> Recount:
    """Return a finished try that halves every unit's numerator."""
    version = IndicatorVersion.objects.get(indicator__code=code, number=1)
    lines = [[o.pk, 100.0, 200.0, 0.5, "trusted", [], None, None, None] for o in counties]
    return Recount.objects.create(
        kind="try", code=code, period=period, org=counties[0], version=version, content_hash=version.content_hash,
        result={"lines": lines}, author_id=author.actor_id, author_name="甲", asked_at=now, done_at=now,
        expires_at=now + timedelta(days=30),
    )  # fmt: skip


def test_a_try_takes_the_place_of_what_counts_and_publishes_nothing(
    make_scheme: MakeScheme, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    before = _published()
    one = _try(author, counties, now)
    trial = trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="新口径", tries=[one.pk])
    same = trying.try_scheme(
        author, now=now, scheme_id=scheme.pk, title="同值", values={(o.code, "C101"): 0.5 for o in counties}
    )
    assert trial.result["rows"] == same.result["rows"], "a try is the same as assuming its values"
    assert trial.result["summary"]["changed"] > 0
    assert trial.overlay["tries"] == [str(one.version)]
    assert _published() == before


def test_a_try_that_does_not_fit_is_refused(
    make_scheme: MakeScheme, author: Scope, reviewer: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    one, other = _try(author, counties, now), _try(author, counties, now, period="2025-05")
    with pytest.raises(BadInput, match="2025-05"):
        trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="错", tries=[other.pk])
    with pytest.raises(BadInput, match="两次"):
        trying.try_scheme(
            author, now=now, scheme_id=scheme.pk, title="错", tries=[one.pk, _try(author, counties, now).pk]
        )
    with pytest.raises(NotFound):
        trying.try_scheme(reviewer, now=now, scheme_id=scheme.pk, title="别人的", tries=[one.pk])
    Recount.objects.update(content_hash="x")
    with pytest.raises(BadInput, match="改过"):
        trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="错", tries=[one.pk])
    assert not Trial.objects.exists()


def test_a_model_with_a_draft_indicator_is_tried_only_with_its_figures(
    make_scheme: MakeScheme, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    scheme = make_scheme()
    text = shipped()["C104"][0].replace('"C104"', '"G104"')
    definitions.save_draft(author, now=now, text=text, note="新")
    data = copy.deepcopy(scheme.frozen["model"])
    items = data["tree"]["C1"]["items"]
    items["G104"] = dict(items.pop("C104"))
    version = modelling.save_model(author, now=now, code="5C-province", data=data)
    with pytest.raises(BadInput, match="G104"):
        trying.try_scheme(author, now=now, scheme_id=scheme.pk, title="错", model_version=version.number)
    one = _try(author, counties, now, code="G104")
    trial = trying.try_scheme(
        author, now=now, scheme_id=scheme.pk, title="成", model_version=version.number, tries=[one.pk]
    )
    assert trial.result["summary"]["changed"] > 0
    modelling.decide_model(author, version.pk, Act.SUBMIT, now=now)
    second = replace(author, actor_id=2)
    with pytest.raises(BadInput, match="G104"):
        modelling.decide_model(second, version.pk, Act.PUBLISH, now=now)


def test_computed_weights_are_seen_by_rank_before_they_are_taken_over(
    make_scheme: MakeScheme, author: Scope, now: datetime
) -> None:
    scheme = make_scheme()
    before = _published()
    _, table = queries.weights_of(author, scheme.template.model_id)
    base = scheme.frozen["model"]
    content = with_weights(base, table, WeightMethod.ENTROPY, list(base["tree"]))
    same, moved = trying.with_models(scheme, base, [base, content])
    assert not any(m.changed for m in same)
    assert any(m.changed for m in moved)
    assert _published() == before
    version = modelling.save_model(author, now=now, code="5C-province", data=content)
    trial = trying.try_scheme(
        author, now=now, scheme_id=scheme.pk, title="熵权", model_version=version.number
    )
    told = [(r["unit"], r["rank_after"], r["grade_after"]) for r in trial.result["rows"]]
    assert told == [(m.unit, m.rank_after, m.grade_after) for m in moved], (
        "what was shown is what a trial finds"
    )
