"""Links and merging."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound
from taxops.platform.casework import history, queries, services
from tests.platform.casework.conftest import Desk


def test_links_show_on_both_sides_and_not_beyond_the_scope(desk: Desk) -> None:
    one, two = desk.opened(), desk.opened()
    scope = desk.scope(desk.ann)
    services.link(scope, now=desk.now, source_id=one.pk, kind="caused_by", target_id=two.pk)
    services.link(scope, now=desk.now, source_id=one.pk, kind="caused_by", target_id=two.pk)
    assert queries.links(scope, one) == [("起因于", two)]
    assert queries.links(scope, two) == [("引起", one)]
    assert queries.links(desk.scope(desk.stranger), two) == []
    with pytest.raises(BadInput):
        services.link(scope, now=desk.now, source_id=two.pk, kind="caused_by", target_id=one.pk)
    with pytest.raises(BadInput):
        services.link(scope, now=desk.now, source_id=one.pk, kind="parent", target_id=one.pk)
    with pytest.raises(BadInput):
        services.link(scope, now=desk.now, source_id=one.pk, kind="cousin", target_id=two.pk)
    with pytest.raises(NotFound):
        services.link(
            desk.scope(desk.stranger), now=desk.now, source_id=one.pk, kind="related", target_id=two.pk
        )


def test_a_merged_case_is_closed_and_its_clocks_stand(desk: Desk) -> None:
    one, two = desk.opened(), desk.opened()
    case = services.merge(
        desk.scope(desk.ann), now=desk.now, case_id=one.pk, into_id=two.pk, reason="同一问题"
    )
    case.refresh_from_db()
    assert (case.phase, case.merged_into_id, case.due_at) == ("closed", two.pk, None)
    assert all(c.state == "stopped" for c in case.clocks.all())
    assert history.verify(case) is None
    with pytest.raises(Conflict):
        services.merge(desk.scope(desk.ann), now=desk.now, case_id=one.pk, into_id=two.pk, reason="再来")
    with pytest.raises(BadInput):
        services.merge(desk.scope(desk.ann), now=desk.now, case_id=two.pk, into_id=two.pk, reason="x")
