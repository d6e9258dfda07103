"""Thirty scripted faults of a day: outages, availability, alerts and the daily report against the true intervals."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import Interval, Scope, from_millis
from taxops.systems.operations.alerting.queries import list_alerts
from taxops.systems.operations.availability import queries as availability
from taxops.systems.operations.availability import services as exclusions
from taxops.systems.operations.deliverables import gathering, queries, services
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import Outage, StateChange
from taxops.systems.operations.monitoring.words import Turn
from tests import factories
from tests.journeys.faults30 import FAULTS, ROOT, SCRIPT, Day, at, checks_of, span

DAY = gathering.day_of(SCRIPT["day"])
NEXT = at("+1 00:30")
SUMS: dict[str, dict[str, Any]] = SCRIPT["sums"]


@pytest.fixture
def played(db: None) -> Day:
    """Return the day after it was played, with the window that was agreed beforehand."""
    day = Day(factories.province()["145000"])
    day.build()
    window(day, "window", asked=at("-1 23:31"), decided=at("-1 23:32"))
    day.play()
    return day


def window(day: Day, name: str, *, asked: datetime, decided: datetime) -> None:
    told = SCRIPT[name]
    made = monitoring.request_window(
        ROOT, now=asked, title="维护", reason="维护", systems=[day.systems[told["system"]].pk],
        starts_at=at(told["from"]), ends_at=at(told["to"]),
    )  # fmt: skip
    monitoring.decide_window(Scope.system("局方"), made.pk, now=decided, agree=True)


def cut(outage: Outage) -> Interval:
    """Return an outage as far as it lies in the day."""
    return Interval(max(outage.started_at, DAY.start), min(outage.ended_at or DAY.end, DAY.end))


def expected(code: str) -> list[Interval]:
    """Return the outages that the script wants of a system; those that several faults make together, once."""
    found = {
        (span(texts).start, span(texts).end)
        for fault in FAULTS
        if code in {name.split("-")[0] for name in checks_of(fault)}
        for texts in fault["outage"]
    }
    if code == "s07":  # F22 is of the system below; what it does above is in F23
        found -= {(at("11:00"), at("11:10"))}
    return [Interval(*one) for one in sorted(found)]


def test_the_script_holds_thirty_faults_and_its_sums_are_right() -> None:
    assert [fault["id"] for fault in FAULTS] == [f"F{n:02}" for n in range(1, 31)]
    for code, told in SUMS.items():
        outages = expected(code)
        assert (len(outages), sum(o.seconds for o in outages)) == (told["outages"], told["raw_s"]), code


@pytest.mark.same_everywhere
def test_a_day_of_thirty_faults_comes_out_exactly_right(played: Day) -> None:
    _outages(played)
    _availability(played)
    _alerts(played)
    _report(played)


def _outages(day: Day) -> None:
    """Every system was down exactly when the script says, and never else."""
    for code, system in day.systems.items():
        rows = Outage.objects.filter(system=system, withdrawn_at=None).order_by("started_at")
        assert [cut(row) for row in rows] == expected(code), code
    for fault in FAULTS:  # and each check by itself
        for place, name in enumerate(checks_of(fault)):
            bad = fault["bad_each"][place] if "bad_each" in fault else fault.get("bad", [])
            if not bad:
                continue  # it made no run of bad results; the count below sees that there is no outage
            stands = Outage.objects.filter(check_row=day.checks[name], started_at=at(bad[0][0]))
            if fault.get("withdrawn"):
                assert [row.withdrawn_at is not None for row in stands] == [True], fault["id"]
            elif fault["id"] in {"F02", "F09"}:
                assert not stands.exists(), fault["id"]
            else:
                assert [row.withdrawn_at for row in stands] == [None], fault["id"]
    assert Outage.objects.filter(system=None, withdrawn_at=None).count() == SCRIPT["check_outages"]


def _availability(day: Day) -> None:
    """The sums by hand, the rule that one outage broke, the time that nobody watched."""
    for code, found in _days(day).items():
        told = SUMS[code]
        counted = told["raw_s"] - told["excluded_s"]
        assert (found.figures.downtime_s, found.excluded_s) == (counted, told["excluded_s"]), code
        assert found.figures.availability == pytest.approx(1 - counted / 86400, abs=1e-12)
        assert found.figures.each_ok is (code != "s02")
        assert sum(d.seconds for d in found.dark) == told.get("dark_s", 0), code
        dark = [span(fault["dark"]) for fault in FAULTS if "dark" in fault and fault["check"] == f"{code}-a"]
        assert list(found.dark) == sorted(dark), code


def _days(day: Day) -> dict[str, Any]:
    systems = list(day.systems.values())
    term = availability.standing_of(ROOT, NEXT, systems[0].pk).reckoning.term
    found = availability.reckon_systems(systems, [(term, DAY)] * len(systems), DAY.end)
    return {system.code: one for system, one in zip(systems, found, strict=True)}


def _alerts(day: Day) -> None:
    """Each outage called exactly once, from when it began; under agreed maintenance without a sound."""
    rows = list(list_alerts(ROOT, NEXT).filter(outage__system__isnull=False).order_by("since_at"))
    assert len({row.outage_id for row in rows}) == len(rows) == sum(told["outages"] for told in SUMS.values())
    quiet = {(o.start, o.end) for fault in FAULTS if fault.get("quiet") for o in map(span, fault["outage"])}
    for row in rows:
        assert row.outage is not None
        assert row.since_at == row.outage.started_at
        assert row.quiet is ((row.outage.started_at, row.outage.ended_at) in quiet), row.title
        assert (row.resolved_at is not None) is (row.outage.ended_at is not None)
        # Told once when it was known while it lasted, and once when it was over (perhaps beside what began then).
        told = list(row.notices.filter(reason__in=["new", "resolved"]).order_by("pk"))
        if row.quiet or (row.resolved_at is not None and row.resolved_at <= row.opened_at):
            assert told == [], row.title
            continue
        assert [notice.reason for notice in told][:1] == ["new"], row.title
        before = [row.resolved_at is None or notice.at < row.resolved_at for notice in told]
        assert before == ([True] if row.resolved_at is None else [True, False]), row.title
    assert not list_alerts(ROOT, NEXT).filter(outage__withdrawn_at__isnull=False).exists()
    (stormy,) = [span(fault["flapping"]) for fault in FAULTS if "flapping" in fault]
    (storm,) = list_alerts(ROOT, NEXT).filter(outage=None)
    assert (storm.labels["flapping"], storm.since_at) == ("s01-a", stormy.start)
    told = list(storm.notices.filter(reason__in=["new", "resolved"]).order_by("pk"))
    assert [notice.reason for notice in told] == ["new", "resolved"]
    ended = StateChange.objects.get(kind=Turn.FLAPPING_ENDED)
    assert from_millis(ended.at_ms) == stormy.end


def _report(day: Day) -> None:
    """The paper says the same, and its second version what was decided the day after."""
    first, _ = services.make_daily(ROOT, now=NEXT, org=day.org, day=SCRIPT["day"])
    inputs = queries.inputs_of(first)
    assert _told(inputs) == {code: expected(code) for code in day.systems}
    lasting = {(row["system"], row["from_before"], row["ongoing"]) for row in inputs["outages"]}
    assert {("数据交换", True, False), ("数据交换", False, True)} <= lasting
    assert sum(row["ongoing"] for row in inputs["outages"]) == 1
    assert [row["system"] for row in inputs["outages"] if row["over"]] == ["发票查验"]
    assert services.make_daily(ROOT, now=NEXT, org=day.org, day=SCRIPT["day"]) == (first, False)

    window(day, "window_later", asked=at("+1 08:00"), decided=at(SCRIPT["window_later"]["approved"]))
    told, decided = SCRIPT["exclusion_later"], at(SCRIPT["exclusion_later"]["approved"])
    asked = exclusions.request_exclusion(
        ROOT, now=at("+1 08:30"), system_id=day.systems[told["system"]].pk, kind="upstream",
        starts_at=at(told["from"]), ends_at=at(told["to"]), reason="上级升级", evidence="通知",
    )  # fmt: skip
    exclusions.decide_exclusion(Scope.system("局方"), asked.pk, now=decided, agree=True)
    found = services.revise(ROOT, now=decided, start=DAY.start, end=DAY.end)
    assert found == {"looked": 1, "made": 1}
    second, _ = services.make_daily(ROOT, now=decided + timedelta(hours=1), org=day.org, day=SCRIPT["day"])
    assert second.version == 2
    later = queries.inputs_of(second)
    assert _told(later) == _told(inputs)  # the raw outages stand
    rows = {row["key"]: row for row in later["systems"]}
    for code, sums in SUMS.items():
        counted = sums["raw_s"] - sums["excluded_s"] - sums["later_s"]
        assert rows[code]["day"]["downtime_s"] == counted, code
    by_start = {row["start"]: row for row in later["outages"] if row["system"] == "电子底账"}
    for fault in FAULTS:
        if "excluded_later_s" in fault:
            (outage,) = map(span, fault["outage"])
            row = next(
                one for start, one in by_start.items() if datetime.fromisoformat(start) == outage.start
            )
            assert row["excluded_s"] == fault["excluded_later_s"], fault["id"]
    (pieces,) = [line.pieces for line in _days(day)["s04"].outages if line.outage.start == at("16:00")]
    assert list(pieces) == [span(texts) for texts in FAULTS[15]["pieces_later"]]
    for words in ("维护窗口：维护", "总局或上级系统原因", "：上级升级", "于 11-21 09:30 批准"):
        assert words in second.why, words
    lines = {line["what"]: (line["before"], line["after"]) for line in second.changes}
    assert lines["系统：电子底账 · 当日计入中断"] == ("1 小时 50 分", "1 小时 15 分")
    assert not [what for what in lines if what.startswith("系统：") and "电子底账" not in what]


def _told(inputs: dict[str, Any]) -> dict[str, list[Interval]]:
    codes = {told["name"]: code for code, told in SCRIPT["systems"].items()}
    found: dict[str, list[Interval]] = {code: [] for code in codes.values()}
    for row in inputs["outages"]:
        found[codes[row["system"]]].append(
            Interval(datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"]))
        )
    return found
