"""The demonstration's proposals (演示提议): what a county asks for, one waiting and one sent back to its desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.platform.identity.queries import find_person
from taxops.platform.identity.services import scope_for
from taxops.systems.quality5c.definitions.views import OUTLINE

from . import queries, services
from .models import Proposal
from .rules import Step

_WANTED = (
    ("C101", "按期申报率（新办户）", "新办户首次申报逾期多，想单独看这一块，好安排辅导。"),
    ("C104", "电子申报率（小规模）", "小规模纳税人还在窗口申报，想按月跟踪转网上办理的进度。"),
)


def seed(now: datetime, *, county: str = "nanguan", reviewer: str = "bureau") -> int:
    """Let the county's officer propose and the province answer; repeating it, or without these people, nothing.

    Returns:
        How many proposals are new.
    """
    author, other = find_person(county), find_person(reviewer)
    if author is None or other is None or Proposal.objects.exists():
        return 0
    early = now - timedelta(days=3)
    mine, theirs = scope_for(author, now=now), scope_for(other, now=now)
    for place, (code, name, reason) in enumerate(_WANTED):
        text, _ = queries.outline(code, OUTLINE)
        lines = [f'name = "{name}"' if line.startswith("name =") else line for line in text.splitlines()]
        made = services.save_proposal(
            mine, now=early, org_id=author.org_id, text="\n".join(lines), reason=reason, copied_from=code
        )
        services.take_step(mine, made.pk, Step.SUBMIT, now=early + timedelta(hours=1))
        if place:
            answer = "请在筛选中限定小规模纳税人，并写明分母是否含零申报，再提交。"
            services.take_step(theirs, made.pk, Step.RETURN, now=now - timedelta(days=1), answer=answer)
    return len(_WANTED)
