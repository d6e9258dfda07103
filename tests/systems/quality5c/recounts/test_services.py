"""What is asked is computed anew, compared, kept for its asker, and never published."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit
from taxops.platform.jobs.models import JobRun
from taxops.systems.quality5c.definitions import computing
from taxops.systems.quality5c.definitions import services as definitions
from taxops.systems.quality5c.definitions.models import IndicatorResult, IndicatorVersion
from taxops.systems.quality5c.recounts import services
from taxops.systems.quality5c.recounts.models import Recount
from taxops.systems.quality5c.recounts.rules import lines_of
from tests.systems.quality5c.conftest import scope_at

from .conftest import NOWHERE, TRIED, CarryOut

pytestmark = pytest.mark.django_db
DERIVED = """[[indicator]]
code = "{}"
version = 1
name = "环"
kind = "derived"
of = {{ a = "{}" }}
expr = {{ num = "a" }}
"""


def test_an_explanation_gives_the_same_number_again(
    figures: dict[str, IndicatorResult], writer: Scope, now: datetime, carry_out: CarryOut
) -> None:
    figure = figures["111"]
    asked = services.ask_explanation(writer, figure.pk, now=now)
    assert JobRun.objects.get(pk=asked.run).args == {"recount": asked.pk}
    done = carry_out(writer, asked)
    assert done.error == ""
    e = done.result
    assert (e["num"], e["den"], e["value"]) == (figure.num, figure.den, figure.value)
    assert e["same"]
    assert e["agrees"]
    assert e["sql"]
    assert any(table == "oblig" for table, _ in e["partitions"])
    assert e["num_records"]["total"] == figure.num
    assert e["den_records"]["total"] == figure.den
    column = e["num_records"]["columns"].index("统一社会信用代码")
    assert all("*" in row[column] for row in e["num_records"]["rows"])
    assert AuditEntry.objects.filter(action="quality5c.drill", object_id="C101").count() == 1
    carry_out(writer, asked)
    assert AuditEntry.objects.filter(action="quality5c.drill").count() == 1, "done once"


def test_a_figure_that_the_data_no_longer_give_says_so(
    figures: dict[str, IndicatorResult], writer: Scope, now: datetime, carry_out: CarryOut
) -> None:
    IndicatorResult.objects.filter(pk=figures["1"].pk).update(num=99)
    done = carry_out(writer, services.ask_explanation(writer, figures["1"].pk, now=now))
    assert not done.result["agrees"]


def test_records_are_for_those_who_may_see_them_there(
    figures: dict[str, IndicatorResult], units: dict[str, OrgUnit], now: datetime, carry_out: CarryOut
) -> None:
    reader = scope_at(units["1"], "quality5c.view")
    done = carry_out(reader, services.ask_explanation(reader, figures["111"].pk, now=now))
    assert (done.result["num_records"], done.result["den_records"]) == (None, None)
    assert done.result["n_num"] == figures["111"].num
    neighbour = scope_at(units["112"], "quality5c.view", "quality5c.drill")
    with pytest.raises(NotFound):
        services.ask_explanation(neighbour, figures["111"].pk, now=now)
    with pytest.raises(NotPermitted):
        services.ask_explanation(Scope(3, "无"), figures["111"].pk, now=now)


def test_an_imported_figure_has_nothing_to_compute(
    figures: dict[str, IndicatorResult], writer: Scope, now: datetime
) -> None:
    IndicatorResult.objects.filter(pk=figures["1"].pk).update(source="external")
    with pytest.raises(BadInput, match="外部数据"):
        services.ask_explanation(writer, figures["1"].pk, now=now)
    assert not Recount.objects.exists()


def test_a_draft_is_tried_on_all_units_and_publishes_nothing(
    draft: IndicatorVersion, writer: Scope, units: dict[str, OrgUnit], now: datetime, carry_out: CarryOut
) -> None:
    asked = services.ask_try(writer, draft.pk, now=now, period="2025-06", unit="111")
    assert IndicatorVersion.objects.get(pk=draft.pk).state == "trial"
    done = carry_out(writer, asked)
    assert done.error == ""
    lines = {line.org: line for line in lines_of(done.result["lines"])}
    assert len(lines) == 5
    east, west, city = (lines[units[c].pk] for c in ("111", "112", "11"))
    assert (city.num, city.den) == ((east.num or 0) + (west.num or 0), (east.den or 0) + (west.den or 0))
    assert east.den, "there is something to count"
    assert done.result["num_records"]["total"] == east.num
    assert not IndicatorResult.objects.exists()


def test_a_changed_version_is_compared_with_the_one_that_counts(
    figures: dict[str, IndicatorResult], writer: Scope, now: datetime, carry_out: CarryOut
) -> None:
    first = IndicatorVersion.objects.get(indicator__code="C101", number=1)
    second = definitions.save_draft(
        writer,
        now=now,
        text=first.text.replace('filter = "obliged and', "filter = \"tax == 'VAT' and obliged and"),
    )
    done = carry_out(
        writer, services.ask_try(writer, second.pk, now=now, period="2025-06", against_id=first.pk)
    )
    for line in lines_of(done.result["lines"]):
        stored = next(r for r in figures.values() if r.org_id == line.org)
        assert (line.old_num, line.old_den) == (stored.num, stored.den)
    same = carry_out(
        writer, services.ask_try(writer, first.pk, now=now, period="2025-06", against_id=first.pk)
    )
    assert not any(line.differs for line in lines_of(same.result["lines"])), "equal versions, no difference"


def test_what_cannot_be_tried_is_refused(draft: IndicatorVersion, writer: Scope, now: datetime) -> None:
    with pytest.raises(BadInput, match="统计期"):
        services.ask_try(writer, draft.pk, now=now, period="六月")
    with pytest.raises(NotFound):
        services.ask_try(writer, 0, now=now, period="2025-06")
    with pytest.raises(NotFound):
        services.ask_try(writer, draft.pk, now=now, period="2025-06", unit="999")
    other = IndicatorVersion.objects.get(indicator__code="C101")
    with pytest.raises(NotFound):
        services.ask_try(writer, draft.pk, now=now, period="2025-06", against_id=other.pk)
    external = IndicatorVersion.objects.get(indicator__code="E01")
    with pytest.raises(BadInput, match="导入"):
        services.ask_try(writer, external.pk, now=now, period="2025-06")
    assert not Recount.objects.exists()
    assert not JobRun.objects.exists()


def test_a_failure_is_kept_in_words(
    draft: IndicatorVersion,
    writer: Scope,
    now: datetime,
    carry_out: CarryOut,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # no warehouse any more
    asked = services.ask_try(writer, draft.pk, now=now, period="2025-06")
    done = carry_out(writer, asked)
    assert done.result is None
    assert "数据仓库里还没有数据" in done.error
    assert services.clear_recounts(now=now + timedelta(days=29)) == 0
    assert services.clear_recounts(now=now + timedelta(days=30)) == 1
    assert services.carry_out(writer, asked.pk, NOWHERE, clock=lambda: now, tell=lambda *_: None) is None


def test_a_cycle_and_a_wrong_column_are_refused_where_they_stand(
    draft: IndicatorVersion, writer: Scope, now: datetime
) -> None:
    with pytest.raises(BadInput) as caught:
        definitions.save_draft(writer, now=now, text=TRIED.replace("filed_on <= due", "filed_on <= dou"))
    (place,) = caught.value.problems
    assert (place.row, place.column) == (10, "第 30 列")
    line, caret = place.what.splitlines()
    assert line[caret.index("^") :].startswith("dou")
    with pytest.raises(BadInput) as caught:
        definitions.save_draft(writer, now=now, text=TRIED.replace("aspect = ", "aspect "))
    assert caught.value.problems[0].row == 5
    with pytest.raises(BadInput, match="G900 → G900"):
        definitions.save_draft(writer, now=now, text=DERIVED.format("G900", "G900"))
    with pytest.raises(BadInput, match="G902"):
        definitions.save_draft(writer, now=now, text=DERIVED.format("G901", "G902"))
    assert computing.library().definitions.keys() >= {"C101"}
