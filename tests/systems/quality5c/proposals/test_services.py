"""A county proposes, the province answers; adopting makes a draft and nothing that counts."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit
from taxops.platform.notify.models import Notice
from taxops.systems.quality5c.definitions import services as definitions
from taxops.systems.quality5c.definitions.models import Indicator, IndicatorVersion
from taxops.systems.quality5c.definitions.views import OUTLINE
from taxops.systems.quality5c.lifecycle import Act
from taxops.systems.quality5c.proposals import queries, services
from taxops.systems.quality5c.proposals.models import Proposal
from taxops.systems.quality5c.proposals.rules import Step
from tests import factories
from tests.systems.quality5c.conftest import scope_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposer(counties: list[OrgUnit], now: datetime) -> Scope:
    """Return an officer of the first county."""
    person = factories.person("county", counties[0], permissions=["quality5c.view", "quality5c.edit"])
    return factories.scope_of(person, now)


@pytest.fixture
def province(top: OrgUnit, now: datetime) -> Scope:
    """Return a reviewer of the province."""
    person = factories.person("reviewer", top, permissions=["quality5c.view", "quality5c.review"])
    return factories.scope_of(person, now)


@pytest.fixture
def made(shipped: None, proposer: Scope, counties: list[OrgUnit], now: datetime) -> Proposal:
    """Return a draft of the first county."""
    text, _ = queries.outline("C101", OUTLINE)
    return services.save_proposal(
        proposer, now=now, org_id=counties[0].pk, text=text, reason="县里小规模多", copied_from="C101"
    )


def test_from_draft_to_a_published_indicator(
    made: Proposal, proposer: Scope, province: Scope, author: Scope, now: datetime
) -> None:
    services.take_step(proposer, made.pk, Step.SUBMIT, now=now)
    told = Notice.objects.get(person_id=province.actor_id)
    assert "待审核" in told.title
    assert told.link == f"/quality5c/proposals/{made.pk}/"
    back = services.take_step(province, made.pk, Step.RETURN, now=now, answer="写明口径")
    assert (back.state, back.reviewer_name, back.answer) == ("returned", province.actor_name, "写明口径")
    assert "退回修改" in Notice.objects.get(person_id=proposer.actor_id).title
    services.save_proposal(
        proposer, now=now, pk=made.pk, text=made.text.replace("0.99", "0.985"), reason="改了"
    )
    services.take_step(proposer, made.pk, Step.SUBMIT, now=now)
    done = services.take_step(province, made.pk, Step.ADOPT, now=now, answer="同意")
    assert done.version is not None
    version = IndicatorVersion.objects.get(pk=done.version.pk)
    assert (version.indicator.code, version.number, version.state, version.author_id) == (
        "G001", 1, "draft", proposer.actor_id,
    )  # fmt: skip
    assert version.indicator.live_version is None, "adopted is not published"
    with pytest.raises(NotPermitted):
        definitions.decide(proposer, version.pk, Act.SUBMIT, now=now)
    definitions.decide(author, version.pk, Act.SUBMIT, now=now)
    assert definitions.decide(province, version.pk, Act.PUBLISH, now=now).state == "live"
    trail = AuditEntry.objects.filter(kind="indicator_proposal", object_id=str(made.pk)).order_by("seq")
    assert [e.action.rpartition(".")[2] for e in trail] == [
        "save",
        "submit",
        "return",
        "save",
        "submit",
        "adopt",
    ]


def test_nobody_decides_on_his_own_and_the_county_never_for_the_province(
    made: Proposal, proposer: Scope, top: OrgUnit, now: datetime
) -> None:
    services.take_step(proposer, made.pk, Step.SUBMIT, now=now)
    own = scope_at(top, actor=proposer.actor_id or 0)
    with pytest.raises(NotPermitted, match="自己"):
        services.take_step(own, made.pk, Step.ADOPT, now=now, answer="同意")
    local = scope_at(made.org, actor=99)
    with pytest.raises(NotPermitted):
        services.take_step(local, made.pk, Step.ADOPT, now=now, answer="同意")
    with pytest.raises(NotPermitted, match="提议人"):
        services.take_step(local, made.pk, Step.WITHDRAW, now=now)
    assert Proposal.objects.get().state == "submitted"
    assert not Indicator.objects.filter(code="G001").exists()


def test_what_cannot_be_proposed_stores_nothing(
    shipped: None, proposer: Scope, author: Scope, counties: list[OrgUnit], top: OrgUnit, now: datetime
) -> None:
    text, _ = queries.outline("C101", OUTLINE)
    good = {"org_id": counties[0].pk, "text": text, "reason": "要"}
    for scope, wrong, error, word in (
        (proposer, {"org_id": counties[1].pk}, NotPermitted, "范围"),
        (author, {"org_id": top.pk}, BadInput, "市局或县区局"),
        (proposer, {"org_id": 0}, NotFound, "单位"),
        (proposer, {"reason": " "}, BadInput, "为什么"),
        (proposer, {"text": text.replace("filed_on", "file_on")}, BadInput, "file_on"),
        (proposer, {"text": text.replace("G001", "C102")}, Conflict, "C102"),
    ):
        with pytest.raises(error, match=word):
            services.save_proposal(scope, now=now, **{**good, **wrong})  # type: ignore[arg-type]
    assert not Proposal.objects.exists()
    services.save_proposal(proposer, now=now, **good)
    with pytest.raises(Conflict, match="G001"):
        services.save_proposal(author, now=now, **{**good, "org_id": counties[3].pk})
    with pytest.raises(NotPermitted):
        definitions.save_draft(proposer, now=now, text=text)


def test_a_code_taken_meanwhile_is_not_adopted(
    made: Proposal, proposer: Scope, province: Scope, author: Scope, now: datetime
) -> None:
    services.take_step(proposer, made.pk, Step.SUBMIT, now=now)
    definitions.save_draft(author, now=now, text=made.text)
    with pytest.raises(Conflict, match="G001"):
        services.take_step(province, made.pk, Step.ADOPT, now=now, answer="同意")
    assert Proposal.objects.get().state == "submitted"
