"""What hangs behind a dead line is suppressed: no alert, no outage that counts, the fact kept; and back again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.assets.models import Asset, AssetType, Relation
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.monitoring import ingest, queries, services
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem, Outage
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter, make_system, outages

pytestmark = pytest.mark.django_db


def alerts() -> list[tuple[str, str]]:
    rows = Outage.objects.filter(alert__isnull=False, alert__quiet=False).order_by("pk")
    return [(str(o.check_row or o.system), o.alert.state) for o in rows]


def facts(check: Check) -> list[tuple[float, bool, float | None]]:
    zero = Check.objects.order_by("pk").first()
    assert zero is not None
    return [
        (
            (o.started_at - zero.created_at).total_seconds(),
            o.is_suppressed,
            None if o.counts_from is None else (o.counts_from - zero.created_at).total_seconds(),
        )
        for o in Outage.objects.filter(check_row=check, withdrawn_at=None).order_by("started_at")
    ]


@pytest.fixture
def net(root: Scope, top: OrgUnit, now: datetime) -> MonitoredSystem:
    """Return the system of the lines, which has no checks of others in it."""
    return make_system(root, top, now, "net")


def depend(root: Scope, child: str, parent: str, now: datetime) -> None:
    services.add_dependency(root, now=now, child=child, parent=parent)


def test_a_dead_line_suppresses_what_hangs_behind_it_and_says_so(
    make_check: MakeCheck, reporter: Reporter, now: datetime, root: Scope, system: MonitoredSystem,
    net: MonitoredSystem,
) -> None:  # fmt: skip
    line, shop = make_check("专线", of=net), make_check("网站")
    depend(root, system.code, line.code, now)  # the whole system hangs behind it
    reporter.run(line, "!!!", start=100)
    reporter.run(shop, "!!!", start=105)
    assert facts(shop) == [(105, True, None)]
    assert outages(now, system=system) == []
    assert alerts() == [("专线", "open"), ("系统net", "open")]
    seen = queries.get_check(root, now + timedelta(seconds=130), shop.pk)
    assert seen.shown == "affected"
    by = queries.suppressed_by(shop)
    assert by is not None
    assert by.check_row == line
    reporter.run(line, "..", start=200)
    reporter.run(shop, "..", start=205)  # it comes back with the line: nothing ever counted
    assert facts(shop) == [(105, True, None)]
    assert outages(now, system=system) == []
    assert queries.get_check(root, now + timedelta(seconds=220), shop.pk).shown == "ok"


def test_a_dependant_confirmed_first_is_taken_back_when_the_line_is_confirmed(
    make_check: MakeCheck, reporter: Reporter, now: datetime, root: Scope, system: MonitoredSystem,
    net: MonitoredSystem,
) -> None:  # fmt: skip
    line, shop = make_check("专线", of=net), make_check("网站")
    depend(root, shop.code, line.code, now)
    reporter.run(shop, "!!!", start=100)
    assert outages(now, system=system) == [(100, None, 120, None)]
    reporter.run(line, "!!!", start=103)
    assert facts(shop) == [(100, True, None)]
    assert outages(now, system=system) == []
    assert [state for name, state in alerts() if name in {"网站", "系统einvoice"}] == ["resolved", "resolved"]


def test_what_goes_on_after_the_line_is_back_counts_from_then(
    make_check: MakeCheck, reporter: Reporter, now: datetime, root: Scope, system: MonitoredSystem,
    net: MonitoredSystem,
) -> None:  # fmt: skip
    line, shop = make_check("专线", of=net), make_check("网站")
    depend(root, shop.code, line.code, now)
    reporter.run(line, "!!!", start=100)
    reporter.run(shop, "!!!", start=105)
    reporter.run(line, "..", start=200)
    ingest.judge_suppressed(now=now + timedelta(seconds=215))
    assert facts(shop) == [(105, True, None)]  # its next result may still be on the way
    ingest.judge_suppressed(now=now + timedelta(seconds=240))
    assert facts(shop) == [(105, False, 200)]
    assert outages(now, system=system) == [(200, None, 200, None)]
    assert ("网站", "open") in alerts()
    reporter.run(shop, "..", start=300)
    assert outages(now, system=system) == [(200, 300, 200, 310)]


def test_a_line_whose_outage_is_disproved_gives_back_what_it_suppressed(
    make_check: MakeCheck, reporter: Reporter, now: datetime, root: Scope, system: MonitoredSystem,
    net: MonitoredSystem,
) -> None:  # fmt: skip
    line, shop = make_check("专线", of=net), make_check("网站")
    depend(root, shop.code, line.code, now)
    reporter.send([(line, 95, 0), (line, 100, 2), (line, 110, 2), (line, 120, 2)])
    reporter.run(shop, "!!!", start=105)
    assert facts(shop) == [(105, True, None)]
    reporter.send(
        [(line, 105, 0), (line, 115, 0)], at=140
    )  # late: the line never failed three times in a row
    assert facts(shop) == [(105, False, None)]
    assert outages(now, system=system) == [(105, None, 125, None)]


def test_a_system_that_depends_on_another_is_suppressed_by_its_outage_over_several_steps(
    make_check: MakeCheck, reporter: Reporter, now: datetime, root: Scope, top: OrgUnit,
    system: MonitoredSystem, net: MonitoredSystem,
) -> None:  # fmt: skip
    line, shop = make_check("专线", of=net), make_check("网站")
    far = make_system(root, top, now, "far")
    leaf = make_check("末端", of=far)
    depend(root, far.code, system.code, now)
    depend(root, system.code, net.code, now)
    reporter.run(line, "!!!", start=100)
    for check in (shop, leaf):
        reporter.run(check, "!!!", start=110)
    assert [facts(check) for check in (shop, leaf)] == [[(110, True, None)], [(110, True, None)]]
    cause = Outage.objects.get(check_row=leaf).suppressed_by
    assert cause is not None
    assert cause.system == net  # the root of it, though its own parent never counted as down
    assert outages(now, system=far) == []


def test_what_the_assets_say_holds_without_being_said_again(
    make_check: MakeCheck, reporter: Reporter, now: datetime, top: OrgUnit, net: MonitoredSystem,
    system: MonitoredSystem,
) -> None:  # fmt: skip
    kind = AssetType.objects.create(code="line", name="线路")
    line_asset, host = (
        Asset.objects.create(code=code, name=code, type=kind, org=top, updated_at=now)
        for code in ("L1", "H1")
    )
    Relation.objects.create(source=host, kind="depends_on", target=line_asset)
    line = make_check("专线", of=net, asset_id=line_asset.pk)
    shop = make_check("网站", asset_id=host.pk)
    reporter.run(line, "!!!", start=100)
    reporter.run(shop, "!!!", start=105)
    assert facts(shop) == [(105, True, None)]


def test_a_circle_is_refused_and_spelled_out(
    make_check: MakeCheck, now: datetime, root: Scope, system: MonitoredSystem, net: MonitoredSystem
) -> None:
    line, shop = make_check("专线", of=net), make_check("网站")
    depend(root, shop.code, line.code, now)
    with pytest.raises(BadInput, match=r"检查项「专线」 → 检查项「网站」 → 检查项「专线」"):
        depend(root, line.code, shop.code, now)
    with pytest.raises(BadInput, match=r"专线.*einvoice.*网站.*专线"):  # by way of the system's tree
        depend(root, line.code, system.code, now)
    with pytest.raises(BadInput, match="不能依赖自己"):
        depend(root, line.code, line.code, now)
    with pytest.raises(Conflict):
        depend(root, shop.code, line.code, now)
    with pytest.raises(NotFound):
        depend(root, shop.code, "nothing", now)
    assert [str(row) for row in queries.list_dependencies(root)] == ["网站 → 专线"]


def test_a_dependency_taken_back_lets_the_outage_count(
    make_check: MakeCheck, reporter: Reporter, now: datetime, root: Scope, system: MonitoredSystem,
    net: MonitoredSystem,
) -> None:  # fmt: skip
    line, shop = make_check("专线", of=net), make_check("网站")
    depend(root, shop.code, line.code, now)
    reporter.run(line, "!!!", start=100)
    reporter.run(shop, "!!!", start=105)
    row = queries.list_dependencies(root).get()
    services.remove_dependency(root, row.pk, now=now + timedelta(seconds=150))
    assert facts(shop) == [(105, False, None)]
    assert outages(now, system=system) == [(105, None, 125, None)]
