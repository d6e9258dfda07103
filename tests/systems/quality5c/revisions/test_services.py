"""A red-letter invoice that comes late, from the command line to the revision beside the frozen figure."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from taxops.cli import main
from taxops.engines.base import NotPermitted
from taxops.engines.warehouse import Batch, Store, load, shipped_schema
from taxops.engines.warehouse.batch import as_arrow
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import computing
from taxops.systems.quality5c.definitions import services as definitions
from taxops.systems.quality5c.definitions.models import IndicatorResult
from taxops.systems.quality5c.evaluation import queries as evaluation
from taxops.systems.quality5c.evaluation.models import Detail, Scheme
from taxops.systems.quality5c.lifecycle import Act
from taxops.systems.quality5c.modelling.models import EvaluationModel, SchemeTemplate
from taxops.systems.quality5c.revisions import queries, services
from taxops.systems.quality5c.revisions.models import FigureRevision
from tests import factories
from tests.systems.quality5c.conftest import scope_at

pytestmark = pytest.mark.django_db
SALES = """[[indicator]]
code = "G010"
version = 1
name = "开票净额"
aspect = "C1"
kind = "simple"
unit = "fen"
source = "inv"
time = "issued_on"
num = { agg = "sum", of = "amount" }
direction = "up"
business = "开票金额，红字相抵"
"""
OFFICERS = """[[indicator]]
code = "G011"
version = 1
name = "缴款笔数"
aspect = "C1"
kind = "simple"
unit = "count"
source = "payment"
time = "paid_on"
num = {}
direction = "up"
business = "缴款笔数"
"""
MAY = "2025-05"


def invoice(number: int, org: int, amount: int, on: date, red_of: int | None = None) -> dict[str, object]:
    return {"inv_id": number, "number": f"99{number:06d}", "kind": "red" if red_of else "special", "seller_id": 1,
            "buyer_id": 2, "org_id": org, "issued_on": on, "amount": amount, "tax": 0, "rate_bp": 1300,
            "status": "normal", "red_of": red_of, "machine": None}  # fmt: skip


def payment(number: int, org: int, on: date) -> dict[str, object]:
    schema = shipped_schema().table("payment")
    empty: dict[str, object] = {"int": 0, "fen": 100, "text": "vat", "date": on, "bool": False, "float": 0.0}
    row = {c.name: None if c.nullable else empty[c.kind.value] for c in schema.columns.values()}
    return {**row, "paid_on": on, "org_id": org, schema.key[0]: number}


@pytest.fixture
def units(db: None) -> dict[str, OrgUnit]:
    top = factories.org("1", level="province", name="甲省")
    city = factories.org("11", top, level="city", name="甲一市")
    east = factories.org("111", city, level="county", name="东区")
    west = factories.org("112", city, level="county", name="西县")
    return {o.code: o for o in (top, city, east, west)}


@pytest.fixture
def root(units: dict[str, OrgUnit], tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a warehouse with two months of invoices, and two indicators that count."""
    for actor, text in ((1, SALES), (1, OFFICERS)):
        writer, other = scope_at(units["1"], actor=actor), scope_at(units["1"], actor=2, name="孙立新")
        draft = definitions.save_draft(writer, now=now, text=text)
        definitions.decide(writer, draft.pk, Act.SUBMIT, now=now)
        definitions.decide(other, draft.pk, Act.PUBLISH, now=now)
    folder = tmp_path / "warehouse"
    org = shipped_schema().table("org")
    empty: dict[str, object] = {"int": 1, "text": "x", "bool": False}
    rows = [
        {c.name: None if c.nullable else empty[c.kind.value] for c in org.columns.values()}
        | {"org_id": 100 + n, "parent_id": parent, "code": code, "name": code}
        for n, (code, parent) in enumerate([("1", None), ("11", 100), ("111", 101), ("112", 101)])
    ]  # fmt: skip
    invoices = [invoice(1, 102, 1000, date(2025, 5, 9)), invoice(2, 103, 500, date(2025, 5, 9)),
                invoice(3, 102, 700, date(2025, 4, 9))]  # fmt: skip
    payments = [payment(1, 102, date(2025, 5, 9)), payment(2, 103, date(2025, 5, 8))]
    load(Store(folder), shipped_schema(), Batch("first", {"org": rows, "inv": invoices, "payment": payments}))
    monkeypatch.setattr(computing, "folder", lambda: folder)
    return folder


def deliver(folder: Path, **tables: list[dict[str, object]]) -> Path:
    for name, rows in tables.items():
        (folder / name).mkdir(parents=True)
        pq.write_table(as_arrow(shipped_schema().table(name), rows), folder / name / "part.parquet")
    return folder


def frozen(units: dict[str, OrgUnit], now: datetime) -> Scheme:
    """Return a published scheme of May that froze the counties' figures as they are stored."""
    model = EvaluationModel.objects.create(code="m", name="模型")
    template = SchemeTemplate.objects.create(code="t", name="月评", model=model)
    scheme = Scheme.objects.create(
        template=template, period=MAY, name="2025-05 月评", made_at=now, made_by="甲", state="published",
        evaluated_at=now, published_at=now, published_by="乙",
        frozen={"versions": {"G010": 1}, "units": [units["111"].pk, units["112"].pk]},
    )  # fmt: skip
    for r in IndicatorResult.objects.filter(code="G010", period=MAY, org__level="county"):
        Detail.objects.create(scheme=scheme, org=r.org, code="G010", version=1, aspect="C1", num=r.num, den=r.den,
                              value=r.value, state=r.state, weight=1)  # fmt: skip
    return scheme


def test_a_late_red_letter_invoice_revises_beside_the_frozen_figure_and_names_its_cause(
    root: Path, units: dict[str, OrgUnit], now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = services.recompute(root, MAY, now=now)
    assert (first.figures, first.revisions) == (8, 0), "figures for the first time are no revisions"
    reader = scope_at(units["1"])
    scheme = frozen(units, now)
    before = list(Detail.objects.order_by("pk").values())

    late = deliver(tmp_path / "late", inv=[invoice(4, 102, -400, date(2025, 5, 31), red_of=1)])
    asked = ["warehouse", "load", str(late), "--batch", "late-7", "--by", "高见", "--warehouse", str(root), "--json",
             "--recompute"]  # fmt: skip
    assert main(asked) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["dirty"] == {"inv": [MAY]}
    assert answer["figures"] == 4, "only the indicator that reads invoices is computed anew"
    assert answer["revisions"] == 3, "the county, its city, the province"
    assert IndicatorResult.objects.get(org=units["111"], code="G010").value == 600
    assert list(Detail.objects.order_by("pk").values()) == before, "what was published stays"

    (shown,) = evaluation.revisions(reader, scheme)
    assert (shown.unit, shown.frozen.value, shown.fresh.value) == (units["111"].pk, 1000, 600)
    told = queries.since(reader, MAY, scheme.evaluated_at, [units["111"].pk])[units["111"].pk, "G010"]
    (revision,) = told
    assert (revision.old_value, revision.new_value) == (1000, 600)
    (cause,) = queries.causes_of(revision, root)
    assert (cause.batch, cause.by, cause.title, list(cause.months)) == ("late-7", "高见", "发票", [MAY])
    assert cause.at is not None
    (record,) = cause.rows
    said = dict(zip(cause.columns, record, strict=True))
    assert (said["发票编号"], said["金额"], said["被红冲发票"]) == (4, -400, 1)
    assert "发票号码" not in said, "masked columns are not kept"

    assert main(asked) == 0, "the same batch again"
    assert json.loads(capsys.readouterr().out)["revisions"] == 0
    assert services.follow(root, now=now).figures == 0
    assert FigureRevision.objects.count() == 3


def test_a_neighbour_sees_neither_revision_nor_record(
    root: Path, units: dict[str, OrgUnit], now: datetime
) -> None:
    services.recompute(root, MAY, now=now)
    batch = {"inv": [invoice(4, 102, -400, date(2025, 5, 31), 1), invoice(5, 103, -1, date(2025, 5, 31), 2)]}
    load(Store(root), shipped_schema(), Batch("late", batch, by="高见", at=now))
    assert services.follow(root, now=now).revisions == 4
    east, west = scope_at(units["111"], "quality5c.view"), scope_at(units["112"], "quality5c.view")
    mine = FigureRevision.objects.get(org=units["111"])
    assert queries.find(west, mine.pk) is None
    assert queries.find(east, mine.pk) == mine
    (cause,) = queries.causes_of(mine, root)
    assert [row[0] for row in cause.rows] == [4]
    whole = queries.causes_of(FigureRevision.objects.get(org=units["1"]), root)
    assert whole[0].total == 2
    services.note_look(east, mine, 1, now=now)
    assert AuditEntry.objects.filter(action="quality5c.drill").count() == 1


def test_what_no_load_touched_is_not_computed_and_what_cannot_be_named_says_so(
    root: Path, units: dict[str, OrgUnit], now: datetime
) -> None:
    services.recompute(root, MAY, now=now)
    store = Store(root)
    load(store, shipped_schema(), Batch("july", {"inv": [invoice(9, 102, 9, date(2025, 7, 1))]}))
    done = services.follow(root, now=now)
    assert (done.periods, done.figures) == (set(), 0), "a later month touches nothing of May"
    assert not IndicatorResult.objects.filter(manifest__lt=2).exists(), "and is not looked at again"
    many = [invoice(100 + n, 102, 1, date(2025, 5, 3)) for n in range(501)]
    load(store, shipped_schema(), Batch("large", {"inv": many}))
    assert services.follow(root, now=now).revisions == 3
    revision = FigureRevision.objects.get(org=units["111"])
    (cause,) = queries.causes_of(revision, root)
    assert "没有逐条列出" in cause.note
    assert cause.by == "未记名"
    IndicatorResult.objects.update(manifest=None)
    load(store, shipped_schema(), Batch("unknown", {"inv": [invoice(700, 102, 1, date(2025, 5, 4))]}))
    assert services.follow(root, now=now).figures == 0, "from before loads were kept: until next computed"
    assert services.recompute(root, MAY, now=now, codes=["G010"]).revisions == 3
    assert queries.revisions(scope_at(units["111"]))[0].causes == []


def test_looking_at_records_needs_the_permission(
    root: Path, units: dict[str, OrgUnit], now: datetime
) -> None:
    from taxops.systems.quality5c.revisions import views

    services.recompute(root, MAY, now=now)
    load(Store(root), shipped_schema(), Batch("late", {"inv": [invoice(4, 102, -4, date(2025, 5, 31), 1)]}))
    services.follow(root, now=now)
    revision = FigureRevision.objects.get(org=units["111"])
    with pytest.raises(NotPermitted):
        views._records(scope_at(units["111"], "quality5c.view"), now, revision)
    found = IndicatorResult.objects.get(org=units["111"], code="G010")
    assert queries.of_figure(scope_at(units["111"], "quality5c.view"), found) == [revision]
