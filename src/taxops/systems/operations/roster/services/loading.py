"""What the use cases of the roster load: posts and people within the actor's range, locked where they change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.platform.identity.queries import within
from taxops.platform.live import services as live
from taxops.systems.operations.roster.models import DutyPost

EDIT = "roster.edit"


def post_of(scope: Scope, pk: int, permission: str = EDIT) -> DutyPost:
    """Return a post in use, locked: changes of one post's roster follow one another.

    Raises:
        NotFound: none within the actor's range.
    """
    found = (
        DutyPost.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(within(scope, permission), pk=pk, archived_at=None)
        .first()
    )
    if found is None:
        raise NotFound("没有这个岗位，或不在您的管理范围内。", "请刷新后重新选择。")
    return found


def org_of(scope: Scope, pk: int) -> OrgUnit:
    """Return an organisation whose roster the actor keeps.

    Raises:
        NotFound: none within the actor's range.
    """
    found = OrgUnit.objects.filter(within(scope, EDIT, "path"), pk=pk).first()
    if found is None:
        raise NotFound("没有这个机构，或您不能为它排班。", "请重新选择机构。")
    return found


def require_people(people: Iterable[int]) -> dict[int, Person]:
    """Return active people by id.

    Raises:
        BadInput: one of them is not there or has left.
    """
    wanted = set(people)
    found = {p.pk: p for p in Person.objects.filter(pk__in=wanted, is_active=True, kind="person")}
    if len(found) != len(wanted):
        raise BadInput("所选人员不存在或已停用。", "请重新选择在用的人员。", field="person_id")
    return found


def require_span(starts_at: datetime, ends_at: datetime, longest_days: int = 62) -> None:
    """Do nothing when a stretch makes sense.

    Raises:
        BadInput: it ends before it starts or is too long.
    """
    if ends_at <= starts_at:
        raise BadInput("结束时间应晚于开始时间。", field="ends_at")
    if (ends_at - starts_at).days > longest_days:
        raise BadInput(f"一次不能超过 {longest_days} 天。", "请分段填写，或修改轮班规则。", field="ends_at")
    if not 2000 <= starts_at.year <= 2099:
        raise BadInput("开始时间的年份不对。", field="starts_at")


def tell_pages(post: DutyPost) -> None:
    """Tell open pages that the roster of a post changed."""
    live.publish(f"roster@{post.org.path}", {"what": "roster"}, key=post.code)
