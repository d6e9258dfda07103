"""Whether the contract's hours are covered (缺岗核对), and how many people stand behind each post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.systems.operations.roster import queries
from taxops.systems.operations.roster.words import Hours
from taxops.web.kit import Page

_MOST = 300


class RosterGaps(Page):
    """Which hours of the contract nobody stands (缺岗核对)."""

    name = "roster-gaps"
    path = "operations/roster/gaps/"
    title = "缺岗核对"
    permission = queries.VIEW
    parent = "roster-calendar"
    template = "operations/roster/gaps.html"

    def _days(self, now: datetime) -> tuple[date, date]:
        """Return the first and last day that are asked for; by default this month and the next.

        Raises:
            BadInput: not days, or the wrong way round.
        """
        today = now.astimezone(CHINA).date()
        first = today.replace(day=1)
        usual = (first, (first + timedelta(days=63)).replace(day=1) - timedelta(days=1))
        found = []
        for name, default in zip(("from", "to"), usual, strict=True):
            text = self.request.GET.get(name, "")
            try:
                found.append(date.fromisoformat(text) if text else default)
            except ValueError:
                raise BadInput("日期不正确。", "请按 2026-06-01 的样式填写。") from None
        if not all(2004 <= d.year <= 2098 for d in found) or found[1] < found[0]:
            raise BadInput("起止日期不成立。", "结束日期不能早于开始日期。")
        return found[0], found[1]

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return each post with its coverage, its gaps and its people."""
        first, last = self._days(now)
        posts = list(queries.list_posts(scope))
        covered = queries.coverage_of(
            posts, queries.midnight(first), queries.midnight(last + timedelta(days=1))
        )
        people = queries.headcounts(posts, now)
        rows = [
            {
                "post": post,
                "hours": Hours.label_of(post.hours),
                "coverage": found,
                "percent": None if found.share is None else found.share * 100,
                "missing_s": found.required_s - found.covered_s,
                "headcount": len(people[post.pk]),
                "short": max(0, post.headcount - len(people[post.pk])),
                "gaps": [(queries.instant(g.start), queries.instant(g.end), g) for g in found.gaps[:_MOST]],
                "more": max(0, len(found.gaps) - _MOST),
            }
            for post, found in covered
        ]
        return {"rows": rows, "first": first, "last": last, "n_gaps": sum(len(c.gaps) for _, c in covered)}


PAGES: Sequence[type[Any]] = [RosterGaps]
