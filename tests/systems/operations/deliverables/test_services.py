"""Versions that never change, made again only for news, with the difference and the reason; signatures in order."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Conflict, NotPermitted, Scope
from taxops.platform.files.services import open_stream
from taxops.platform.identity.models import OrgUnit
from taxops.platform.jobs.models import JobRun
from taxops.systems.operations.availability import services as availability
from taxops.systems.operations.deliverables import queries, rules, services
from taxops.systems.operations.deliverables.models import Deliverable, DeliverableVersion
from taxops.systems.operations.monitoring.models import MonitoredSystem, Outage
from tests import factories
from tests.raster import text_of
from tests.systems.operations.availability.conftest import ask
from tests.systems.operations.deliverables.conftest import DAY

pytestmark = pytest.mark.django_db


def excluded(system: MonitoredSystem, asking: Scope, deciding: Scope, at: datetime) -> None:
    outage = Outage.objects.get(system=system)
    row = ask(asking, system, at, outage.started_at, timedelta(seconds=180))
    availability.decide_exclusion(deciding, row.pk, now=at, agree=True)


def test_without_news_there_is_one_version(told: Scope, top: OrgUnit, next_day: datetime) -> None:
    first, fresh = services.make_daily(told, now=next_day, org=top, day=DAY)
    again, fresh_again = services.make_daily(told, now=next_day + timedelta(days=2), org=top, day=DAY)
    assert (fresh, fresh_again, first.pk) == (True, False, again.pk)
    assert DeliverableVersion.objects.count() == 1
    assert Deliverable.objects.get().number == "运行监控日报〔2026〕第 152 号"


def test_an_exclusion_approved_later_makes_version_2_with_the_difference(
    told: Scope, top: OrgUnit, system: MonitoredSystem, asking: Scope, deciding: Scope, next_day: datetime
) -> None:
    first, _ = services.make_daily(told, now=next_day, org=top, day=DAY)
    text = first.inputs
    later = next_day + timedelta(hours=9)
    excluded(system, asking, deciding, later)
    (run,) = JobRun.objects.filter(name="operations.deliverables.revise")  # asked for in the same transaction
    found = services.revise(
        told,
        now=later,
        start=datetime.fromisoformat(run.args["start"]),
        end=datetime.fromisoformat(run.args["end"]),
    )
    assert found == {"looked": 1, "made": 1}
    second, first = queries.versions_of(Deliverable.objects.get())
    assert (first.version, first.inputs, second.version) == (1, text, 2)
    assert "由测试engineer申请、测试bureau于" in second.why
    assert "总局统一升级" in second.why
    lines = {one["what"]: (one["before"], one["after"]) for one in second.changes}
    assert lines["系统：系统einvoice · 当日可用率"] == ("99.6527%", "99.8611%")
    assert lines["系统：系统einvoice · 当日计入中断"] == ("5 分", "2 分")
    assert lines["中断：系统einvoice 06-01 10:10:00 · 计入"] == ("5 分", "2 分")
    assert any(what.startswith("剔除：系统einvoice 总局或上级系统原因") for what in lines)
    # nothing new: no third version
    assert services.revise(told, now=later, start=next_day - timedelta(days=1), end=next_day)["made"] == 0
    document = services.document_of(second, pictures=False)
    assert any("替代第 1 版" in getattr(block, "text", "") for block in document.blocks)


def test_changed_inputs_are_refused(told: Scope, top: OrgUnit, next_day: datetime) -> None:
    version, _ = services.make_daily(told, now=next_day, org=top, day=DAY)
    DeliverableVersion.objects.filter(pk=version.pk).update(inputs=version.inputs.replace("300", "30", 1))
    version.refresh_from_db()
    with pytest.raises(BadInput, match="摘要不符"):
        queries.inputs_of(version)


def test_a_day_that_is_not_over_has_no_report(told: Scope, top: OrgUnit, now: datetime) -> None:
    with pytest.raises(BadInput, match="还没有结束"):
        services.make_daily(told, now=now, org=top, day=DAY)
    assert not Deliverable.objects.exists()


def test_a_stranger_may_not_make_it(
    told: Scope, top: OrgUnit, province: dict[str, OrgUnit], next_day: datetime
) -> None:
    below = next(unit for unit in province.values() if unit.parent_id is not None)
    stranger = factories.scope_of(factories.person("s", below, "ops_manager"), next_day)
    with pytest.raises(NotPermitted):
        services.make_daily(stranger, now=next_day, org=top, day=DAY)


def test_three_people_sign_in_order(
    told: Scope, top: OrgUnit, asking: Scope, deciding: Scope, next_day: datetime
) -> None:
    version, _ = services.make_daily(told, now=next_day, org=top, day=DAY)
    pk = version.deliverable_id
    manager = factories.scope_of(factories.person("manager", top, "ops_manager"), next_day)
    with pytest.raises(NotPermitted, match="下一步是「编制」签字"):
        services.sign(deciding, pk, now=next_day, version=1)
    services.sign(asking, pk, now=next_day, version=1)
    with pytest.raises(NotPermitted):
        services.sign(asking, pk, now=next_day, version=1)
    services.sign(manager, pk, now=next_day, version=1, note="同意")
    services.sign(deciding, pk, now=next_day, version=1)
    assert Deliverable.objects.get().standing == "received"
    with pytest.raises(Conflict, match="已全部签字"):
        services.sign(manager, pk, now=next_day, version=1)
    with pytest.raises(Conflict, match="已有第 1 版"):
        services.sign(manager, pk, now=next_day, version=2)
    signed = services._signatures(queries.get_version(told, pk, 1))
    assert [(one.role, one.name) for one in signed] == [
        ("编制", "测试engineer"), ("审核", "测试manager"), ("局方签收", "测试bureau"),
    ]  # fmt: skip


def test_a_new_version_must_be_signed_anew(
    told: Scope, top: OrgUnit, system: MonitoredSystem, asking: Scope, deciding: Scope, next_day: datetime
) -> None:
    version, _ = services.make_daily(told, now=next_day, org=top, day=DAY)
    services.sign(asking, version.deliverable_id, now=next_day, version=1)
    excluded(system, asking, deciding, next_day)
    services.make_daily(told, now=next_day, org=top, day=DAY)
    paper = Deliverable.objects.get()
    assert (paper.latest, paper.standing) == (2, "draft")
    with pytest.raises(Conflict, match="已有第 2 版，您看到的是第 1 版"):
        services.sign(asking, paper.pk, now=next_day, version=1)


def test_the_files_say_what_the_inputs_say_and_are_made_once(
    told: Scope, top: OrgUnit, asking: Scope, next_day: datetime
) -> None:
    version, _ = services.make_daily(told, now=next_day, org=top, day=DAY)
    version = services.files_of(told, version, now=next_day)
    kept = (version.docx_id, version.pdf_id)
    version = services.files_of(told, queries.get_version(told, version.deliverable_id, 1), now=next_day)
    assert (version.docx_id, version.pdf_id) == kept
    assert version.pdf is not None
    with open_stream(version.pdf) as stream:
        pages = "".join(text_of(stream.read()))
    for words in (
        version.digest[:24],
        "系统运行监控报告",
        "中断5分",
        "99.6527%",
        "M05",
        "各时段可用率",
        "中断时间线",
        "编制：",
    ):
        assert words in pages, words
    services.sign(asking, version.deliverable_id, now=next_day, version=1)
    signed = services.files_of(told, queries.get_version(told, version.deliverable_id, 1), now=next_day)
    assert signed.pdf is not None
    with open_stream(signed.pdf) as stream:
        assert "测试engineer" in "".join(text_of(stream.read()))
    assert signed.digest == version.digest


def test_every_organisation_that_owes_one_gets_one(
    told: Scope, next_day: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "files_of", lambda _scope, version, **_: version)
    assert services.make_all(told, now=next_day, day=DAY) == {"made": 1}
    assert services.make_all(told, now=next_day, day=DAY) == {"made": 0}
    assert rules.number_of(DAY) == Deliverable.objects.get().number
