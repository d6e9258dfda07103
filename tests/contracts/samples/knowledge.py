"""Samples of knowledge: articles in each state, questions, editions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.knowledge import rules, services
from taxops.systems.operations.knowledge.models import Article, Edition
from tests.contracts.samples import World, rows, sample

SYSTEM = Scope.system("样例")


def make_article(world: World, org: OrgUnit, *, publish: bool = True) -> Article:
    article = services.draft(
        SYSTEM,
        now=world.now,
        title="红字发票怎么开",
        body="先填信息表。\n再开具。",
        category="use",
        org_id=org.pk,
    )
    if publish:
        services.submit(SYSTEM, article.pk, now=world.now)
        services.review(SYSTEM, article.pk, now=world.now, agree=True)
    return article


def make_edition(world: World, org: OrgUnit) -> Edition:
    article = make_article(world, org)
    services.record_question(
        SYSTEM, now=world.now, text="怎么红冲", org_id=org.pk, channel="phone", article_id=article.pk
    )
    return services.compose_edition(SYSTEM, now=world.now, quarter=rules.quarter_of(world.now), org_id=org.pk)


@rows("knowledge-articles")
def articles(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_article(world, org)


@rows("knowledge-questions")
def questions(world: World, org: OrgUnit, count: int) -> None:
    article = make_article(world, org)
    for number in range(count):
        services.record_question(
            SYSTEM,
            now=world.now + timedelta(seconds=number),
            text=f"怎么红冲{number}",
            org_id=org.pk,
            article_id=article.pk,
        )


@rows("knowledge-editions")
def editions(world: World, org: OrgUnit, count: int) -> None:
    for number in range(count):
        at = world.now - timedelta(days=92 * (Edition.objects.count() + number))
        services.compose_edition(SYSTEM, now=world.now, quarter=rules.quarter_of(at), org_id=org.pk)


@sample("knowledge-article", "knowledge-useful", "knowledge-useless", "knowledge-link")
def article(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_article(world, org).pk}


@sample("knowledge-revise", "knowledge-retire", "knowledge-attach", extra=["knowledge.view"])
def published(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_article(world, org).pk}


@sample("knowledge-edit", "knowledge-submit", "knowledge-review", extra=["knowledge.view"])
def draft(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_article(world, org, publish=False).pk}


@sample(
    "knowledge-edition",
    "knowledge-edition-freeze",
    "knowledge-edition-docx",
    "knowledge-edition-pdf",
    extra=["knowledge.view"],
)
def edition(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_edition(world, org).pk}
