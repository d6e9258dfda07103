"""The tree grows, moves, merges and closes, and remembers."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.queries import history
from taxops.platform.identity import services
from taxops.platform.identity.models import OrgChange, OrgLevel, OrgUnit, Person, RoleAssignment
from tests import factories

pytestmark = pytest.mark.django_db
Units = dict[str, OrgUnit]


def _paths() -> dict[str, str]:
    return dict(OrgUnit.objects.values_list("code", "path"))


def _create(scope: Scope, now: datetime, code: str, parent: str | None, level: str = "county") -> OrgUnit:
    return services.create_org(
        scope,
        now=now,
        code=code,
        name="长春新区税务局",
        level=level,
        parent=parent,
        valid_from=date(2020, 1, 1),
    )


def test_founding_gives_path_sort_key_and_history(
    province: Units, people_admin: Person, now: datetime
) -> None:
    scope = factories.scope_of(people_admin, now)
    made = _create(scope, now, "145013", "145010")
    assert made.path == "145000/145010/145013/"
    assert made.pinyin.startswith("chang2chun1xin1qu1")
    assert OrgChange.objects.get(org=made).kind == "created"
    entry = history("org", made.pk)[0]
    assert entry.action == "identity.org_created"
    assert entry.org_path == made.path


def test_a_root_is_founded_by_the_platform_alone(
    province: Units, people_admin: Person, now: datetime
) -> None:
    with pytest.raises(NotPermitted):
        _create(factories.scope_of(people_admin, now), now, "122000", None, "province")
    assert _create(Scope.system("初始化"), now, "122000", None, "province").path == "122000/"


@pytest.mark.parametrize(
    ("_case", "code", "parent", "level", "error"),
    [
        ("code taken", "145020", "145000", "city", Conflict),
        ("code taken in lower case", "145011h1", "145011", "hall", Conflict),
        ("bad code", "14 50", "145010", "county", BadInput),
        ("no such parent", "145013", "999999", "county", NotFound),
        ("wrong level", "145013", "145011", "county", BadInput),
    ],
)
def test_what_cannot_be_founded_is_refused_and_stores_nothing(
    _case: str,
    code: str,
    parent: str,
    level: str,
    error: type[Exception],
    province: Units,
    system: Scope,
    now: datetime,
) -> None:
    before = _paths()
    with pytest.raises(error):
        _create(system, now, code, parent, level)
    assert _paths() == before


def test_a_founding_day_to_come_is_refused(province: Units, system: Scope, now: datetime) -> None:
    with pytest.raises(BadInput, match="在今天之后"):
        services.create_org(
            system,
            now=now,
            code="145013",
            name="新",
            level="county",
            parent="145010",
            valid_from=date(2026, 6, 2),
        )


def test_a_neighbour_cannot_touch_what_is_not_his(province: Units, now: datetime) -> None:
    neighbour = factories.person("nb", province["145020"], "system_admin")
    scope = factories.scope_of(neighbour, now)
    for act in (
        lambda: _create(scope, now, "145013", "145010"),
        lambda: services.edit_org(scope, province["145011"], now=now, name="改名"),
        lambda: services.move_org(scope, province["145011"], now=now, to="145020"),
        lambda: services.move_org(scope, province["145021"], now=now, to="145010"),
        lambda: services.merge_org(scope, province["145021"], now=now, into="145011"),
        lambda: services.close_org(scope, province["145011H1"], now=now),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert OrgChange.objects.count() == 0


def test_renaming_keeps_the_code_and_writes_both_names(province: Units, system: Scope, now: datetime) -> None:
    services.edit_org(system, province["145011"], now=now, name="重庆路税务局", effective_on=date(2026, 5, 1))
    change = OrgChange.objects.get()
    assert (change.kind, change.effective_on) == ("renamed", date(2026, 5, 1))
    assert (change.before["机构名称"], change.after["机构名称"]) == ("县局145011", "重庆路税务局")
    assert OrgUnit.objects.get(code="145011").pinyin.startswith("chong2qing4")


def test_editing_nothing_writes_nothing(province: Units, system: Scope, now: datetime) -> None:
    services.edit_org(system, province["145011"], now=now, name="县局145011")
    assert not OrgChange.objects.exists()


def test_moving_takes_the_whole_subtree_along(province: Units, system: Scope, now: datetime) -> None:
    services.move_org(system, province["145011"], now=now, to="145020")
    paths = _paths()
    assert paths["145011"] == "145000/145020/145011/"
    assert paths["145011H1"] == "145000/145020/145011/145011H1/"
    assert paths["145012H1"] == "145000/145010/145012/145012H1/"
    assert OrgUnit.objects.get(code="145011").parent == province["145020"]
    change = OrgChange.objects.get()
    assert change.before["代码路径"] == "145000/145010/145011/"
    assert change.after["代码路径"] == "145000/145020/145011/"


def test_scopes_follow_a_moved_unit(province: Units, system: Scope, now: datetime) -> None:
    officer = factories.person("li", province["145010"], permissions=["monitoring.view"])
    hall = province["145011H1"]
    assert factories.scope_of(officer, now).allows("monitoring.view", hall.path)
    services.move_org(system, province["145011"], now=now, to="145020")
    hall.refresh_from_db()
    assert not factories.scope_of(officer, now).allows("monitoring.view", hall.path)


def test_a_code_that_begins_like_another_is_not_moved_along(
    province: Units, system: Scope, now: datetime
) -> None:
    factories.org("1450110", province["145010"], OrgLevel.COUNTY)
    services.move_org(system, province["145011"], now=now, to="145020")
    assert _paths()["1450110"] == "145000/145010/1450110/"


def test_moving_below_itself_names_the_loop(province: Units, system: Scope, now: datetime) -> None:
    branch = factories.org("1450119", province["145011"], OrgLevel.BRANCH)
    with pytest.raises(Conflict, match="1450119 → 145011 → 1450119"):
        services.move_org(system, province["145011"], now=now, to=branch.code)
    with pytest.raises(Conflict, match="145011 → 145011"):
        services.move_org(system, province["145011"], now=now, to="145011")
    assert not OrgChange.objects.exists()


def test_moving_to_a_level_that_does_not_fit_is_refused(
    province: Units, system: Scope, now: datetime
) -> None:
    with pytest.raises(BadInput, match="市/州局的上级应为省局"):
        services.move_org(system, province["145010"], now=now, to="145021")


def test_merging_moves_people_and_units_and_ends_what_was_held_there(
    province: Units, system: Scope, now: datetime
) -> None:
    officer = factories.person("li", province["145011"], permissions=["monitoring.view"])
    services.merge_org(system, province["145011"], now=now, into="145012")
    gone = OrgUnit.objects.get(code="145011")
    assert (gone.valid_to, gone.successor) == (date(2026, 6, 1), province["145012"])
    assert _paths()["145011H1"] == "145000/145010/145012/145011H1/"
    officer.refresh_from_db()
    assert officer.org == province["145012"]
    assert RoleAssignment.objects.get().valid_to == now
    assert factories.scope_of(officer, now).paths("monitoring.view") == ()
    assert [change.kind for change in OrgChange.objects.filter(org=gone)] == ["merged"]


def test_merging_twice_or_into_itself_or_below_is_a_conflict(
    province: Units, system: Scope, now: datetime
) -> None:
    services.merge_org(system, province["145011"], now=now, into="145012")
    for org, into in (("145011", "145012"), ("145012", "145011"), ("145012", "145012"), ("145010", "145012")):
        with pytest.raises(Conflict):
            services.merge_org(system, province[org], now=now, into=into)


def test_only_an_empty_unit_can_be_closed(province: Units, system: Scope, now: datetime) -> None:
    with pytest.raises(Conflict, match="1 个下级机构、0 名在用人员"):
        services.close_org(system, province["145011"], now=now)
    factories.person("li", province["145011H1"])
    with pytest.raises(Conflict, match="0 个下级机构、1 名在用人员"):
        services.close_org(system, province["145011H1"], now=now)
    Person.objects.update(is_active=False)
    services.close_org(system, province["145011H1"], now=now, effective_on=date(2026, 5, 31))
    assert OrgUnit.objects.get(code="145011H1").valid_to == date(2026, 5, 31)
    with pytest.raises(Conflict, match="已于 2026-05-31 撤销"):
        services.close_org(system, province["145011H1"], now=now)


def test_nothing_new_goes_below_a_closed_unit(province: Units, system: Scope, now: datetime) -> None:
    OrgUnit.objects.filter(code="145020").update(valid_to=date(2025, 1, 1))
    with pytest.raises(Conflict, match="已于 2025-01-01 撤销"):
        _create(system, now, "145029", "145020")
    with pytest.raises(Conflict):
        services.move_org(system, province["145011"], now=now, to="145020")
