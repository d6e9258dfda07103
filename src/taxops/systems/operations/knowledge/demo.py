"""The demonstration of knowledge: articles that were asked for, one that waits, last quarter's edition."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person

from . import rules, services
from .models import Article


def _shipped() -> dict[str, Any]:
    """Return the invented articles and questions."""
    text = files(__package__).joinpath("data/demo.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _as(username: str) -> Scope:
    person = Person.objects.filter(username=username).first()
    found = Scope.system("演示")
    return Scope(person.pk, person.display_name, {}, via="cli", is_system=True) if person else found


def seed(_scope: Scope, now: datetime) -> None:
    """Fill the demonstration of knowledge; repeating it changes nothing."""
    if Article.objects.exists():
        return
    org = OrgUnit.objects.filter(level="province", valid_to=None).order_by("code").first()
    if org is None:
        return
    author, reviewer = _as("engineer"), _as("expert")
    begin, _ = rules.quarter_span(rules.quarter_of(now))
    last_quarter = rules.quarter_of(begin - timedelta(days=1))
    early, _ = rules.quarter_span(last_quarter)
    made = []
    shipped = _shipped()
    for number, told in enumerate(shipped["article"]):
        at = early + timedelta(days=3 + number, hours=10)
        article = services.draft(author, now=at, org_id=org.pk, **told)
        services.submit(author, article.pk, now=at)
        services.review(reviewer, article.pk, now=at + timedelta(hours=3), agree=True)
        made.append(article)
    for number, question in enumerate(shipped["asked"]):
        which = question.get("article")
        for quarter_begin in (early, begin):
            at = quarter_begin + timedelta(days=12 + number, hours=9)
            if at < now:
                services.record_question(
                    author, now=at, text=question["text"], org_id=org.pk, channel=question["channel"],
                    article_id=made[which].pk if which is not None else None,
                )  # fmt: skip
    waiting = services.draft(
        author, now=now - timedelta(hours=20), org_id=org.pk,
        title="个体工商户如何申请代开专用发票", category="invoice",
        body="通过电子税务局「代开增值税专用发票」模块提交，缴税后到自助终端打印，或直接取得数电票。", keywords="代开",
    )  # fmt: skip
    services.submit(author, waiting.pk, now=now - timedelta(hours=19))
    services.vote(reviewer, made[0].pk, now=now - timedelta(days=2), is_useful=True)
    edition = services.compose_edition(
        author, now=begin + timedelta(days=4), quarter=last_quarter, org_id=org.pk
    )
    if begin + timedelta(days=5) < now:
        services.freeze_edition(reviewer, edition.pk, now=begin + timedelta(days=5))
