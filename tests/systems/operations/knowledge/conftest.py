"""People around an article: who writes, who reviews, who only reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.knowledge import services
from taxops.systems.operations.knowledge.models import Article
from tests import factories


@dataclass
class Room:
    """A province with a writer, a reviewer, a reader and a neighbour."""

    now: datetime
    org: OrgUnit
    writer: Scope
    reviewer: Scope
    reader: Scope
    neighbour: Scope

    def published(self, title: str = "红字发票怎么开", body: str = "先填信息表。") -> Article:
        article = services.draft(
            self.writer, now=self.now, title=title, body=body, category="use", org_id=self.org.pk
        )
        services.submit(self.writer, article.pk, now=self.now)
        return services.review(self.reviewer, article.pk, now=self.now, agree=True)


@pytest.fixture
def room(db: None, now: datetime) -> Room:
    """Return the room."""
    units = factories.province()
    city, other = units["145010"], units["145020"]
    view, write = ["knowledge.view"], ["knowledge.view", "knowledge.write"]

    def who(name: str, org: OrgUnit, permissions: list[str]) -> Scope:
        return factories.scope_of(factories.person(name, org, permissions=permissions), now)

    return Room(
        now,
        city,
        who("writer", city, write),
        who("reviewer", city, [*write, "knowledge.review"]),
        who("reader", city, view),
        who("neighbour", other, [*write, "knowledge.review"]),
    )
