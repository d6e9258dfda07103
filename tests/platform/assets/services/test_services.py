"""Assets are kept within scope, fit their type, and hang together without loops."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope, TooLarge
from taxops.engines.documents import read_table
from taxops.platform.assets import labels, queries, services
from taxops.platform.assets.models import Asset, AssetType, Relation
from taxops.platform.assets.rules import Field, ImportRow
from taxops.platform.audit.queries import history
from tests.platform.province import Province

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def types(db: None) -> None:
    services.ensure_types()


@pytest.fixture
def scope(province: Province) -> Scope:
    return province.scope(assets_edit=province.root.path, assets_view=province.root.path)


@pytest.fixture
def make(province: Province, now: datetime, scope: Scope) -> Any:
    def one(code: str, kind: str = "system", org: Any = None, **attributes: Any) -> Asset:
        return services.create(
            scope, now=now, code=code, name=f"资产{code}", type=queries.get_type(kind),
            org=org or province.here, attributes=attributes,
        )  # fmt: skip

    return one


def test_all_built_in_types_are_there_once() -> None:
    assert queries.current_types().count() == 18
    assert services.ensure_types() == 0
    wanted = {
        "system",
        "service",
        "host",
        "database",
        "hall",
        "queue-machine",
        "evaluator",
        "pickup",
        "spare-part",
    }
    assert wanted <= set(queries.current_types().values_list("code", flat=True))


def test_an_asset_is_kept_with_its_history(
    province: Province, now: datetime, scope: Scope, make: Any
) -> None:
    asset = make("H-1", "host", ip="10.0.0.1", cpu="8")
    assert asset.attributes == {"ip": "10.0.0.1", "cpu": 8}
    services.edit(
        scope,
        now=now,
        asset=asset,
        name="新名",
        attributes={"ip": "10.0.0.2"},
        dates=(date(2026, 1, 1), None),
    )
    asset.refresh_from_db()
    assert (asset.name, asset.attributes, asset.valid_from) == ("新名", {"ip": "10.0.0.2"}, date(2026, 1, 1))
    assert [entry.action for entry in history("asset", asset.pk)] == ["asset.edit", "asset.add"]
    assert ("CPU", "") in queries.shown_attributes(asset)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "有 空"}, "编号"),
        ({"name": " "}, "名称"),
        ({"state": "gone"}, "状态"),
        ({"attributes": {"ip": "x"}}, "不是 IP"),
        ({"attributes": {}}, "请填写「IP 地址」"),
        ({"valid_from": date(2026, 1, 2), "valid_to": date(2026, 1, 2)}, "晚于"),
    ],
)
def test_a_wrong_asset_is_not_stored(
    province: Province, now: datetime, scope: Scope, wrong: dict[str, Any], words: str
) -> None:
    values = {"code": "H", "name": "名", "attributes": {"ip": "10.0.0.1"}, **wrong}
    with pytest.raises(BadInput, match=words):
        services.create(scope, now=now, type=queries.get_type("host"), org=province.here, **values)
    assert not Asset.objects.exists()


def test_a_code_is_used_once(make: Any) -> None:
    make("A")
    with pytest.raises(Conflict, match="已被使用"):
        make("A")


def test_a_neighbour_neither_sees_nor_changes(province: Province, now: datetime, make: Any) -> None:
    asset = make("A")
    there = province.scope(
        province.neighbour, assets_edit=province.there.path, assets_view=province.there.path
    )
    with pytest.raises(NotFound):
        queries.get(there, "A")
    with pytest.raises(NotPermitted):
        services.edit(there, now=now, asset=asset, name="抢")
    with pytest.raises(NotPermitted):
        services.create(there, now=now, code="B", name="b", type=asset.type, org=province.here)
    mine = province.scope(assets_edit=province.here.path)
    with pytest.raises(NotPermitted):
        services.edit(mine, now=now, asset=asset, org=province.there)
    assert queries.find(there, "资产") == []


def test_two_people_do_not_overwrite_each_other(now: datetime, scope: Scope, make: Any) -> None:
    asset = make("A")
    services.edit(scope, now=now + timedelta(minutes=1), asset=asset, name="甲改", seen_at=asset.updated_at)
    with pytest.raises(Conflict, match="别人修改过"):
        services.edit(
            scope, now=now + timedelta(minutes=2), asset=asset, name="乙改", seen_at=asset.updated_at
        )


def test_a_new_version_of_a_type_holds_from_the_next_edit(now: datetime, scope: Scope, make: Any) -> None:
    asset = make("L", "licence", product="数据库")
    fields = [*queries.fields_of(asset.type), Field("contract", "合同号", required=True)]
    kind = services.save_type(
        scope, now=now, code="licence", name="软件许可", fields=fields, icon="certificate"
    )
    assert kind.version == 2
    assert (
        services.save_type(scope, now=now, code="licence", name="软件许可", fields=fields, icon="certificate")
        == kind
    )
    asset.refresh_from_db()
    assert asset.type.version == 1
    with pytest.raises(BadInput, match="合同号"):
        services.edit(scope, now=now, asset=asset, name="新名")
    services.edit(scope, now=now, asset=asset, attributes={"product": "数据库", "contract": "HT-1"})
    asset.refresh_from_db()
    assert asset.type == kind
    assert services.ensure_types() == 0, "the bureau's own version stays"
    assert AssetType.objects.filter(code="licence", is_current=True).count() == 1


def test_relations_are_made_once_and_taken_away(now: datetime, scope: Scope, make: Any) -> None:
    a, b = make("A"), make("B")
    first = services.relate(scope, now=now, source=a, kind="depends_on", target=b)
    assert services.relate(scope, now=now, source=a, kind="depends_on", target=b) == first
    (tie,) = queries.ties(scope, b)
    assert (tie.words, tie.other) == ("被依赖", a)
    services.unrelate(scope, now=now, relation_id=first.pk)
    assert not Relation.objects.exists()
    with pytest.raises(NotFound):
        services.unrelate(scope, now=now, relation_id=first.pk)
    assert [e.action for e in history("asset", a.pk)][:2] == ["asset.unrelate", "asset.relate"]


def test_loops_and_nonsense_are_refused_by_name(now: datetime, scope: Scope, make: Any) -> None:
    a, b, c = make("A"), make("B"), make("C")
    services.relate(scope, now=now, source=a, kind="part_of", target=b)
    services.relate(scope, now=now, source=b, kind="part_of", target=c)
    with pytest.raises(BadInput, match="资产C → 资产A → 资产B → 资产C"):
        services.relate(scope, now=now, source=c, kind="part_of", target=a)
    services.relate(scope, now=now, source=c, kind="depends_on", target=a)
    with pytest.raises(BadInput, match="自己"):
        services.relate(scope, now=now, source=a, kind="part_of", target=a)
    with pytest.raises(BadInput, match="资产关系"):
        services.relate(scope, now=now, source=a, kind="loves", target=b)
    services.relate(scope, now=now, source=a, kind="located_in", target=b)
    with pytest.raises(Conflict, match="已登记位于"):
        services.relate(scope, now=now, source=a, kind="located_in", target=c)


def test_impact_takes_three_queries_however_wide_and_hides_what_is_out_of_scope(
    province: Province, now: datetime, scope: Scope, make: Any
) -> None:
    base = make("DB", "database", product="达梦")
    services_ = [make(f"S{n}", org=province.here if n % 2 else province.there) for n in range(30)]
    for one in services_:
        services.relate(scope, now=now, source=one, kind="depends_on", target=base)
    top = make("TOP")
    services.relate(scope, now=now, source=services_[1], kind="part_of", target=top)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        report = queries.impact(scope, base)
    assert len(caught) == 3
    assert (len(report.items), report.n_hidden) == (31, 0)
    last = report.items[-1]
    assert (last.asset, last.depth, last.through, last.relation) == (top, 2, "资产S1", "组成部分属于")
    narrow = queries.impact(province.scope(assets_view=province.here.path), base)
    assert (len(narrow.items), narrow.n_hidden) == (16, 15)


def table(text: str) -> list[Any]:
    return [ImportRow(*row) for row in read_table(text.encode(), "资产.csv").rows]


HEAD = "资产编号,名称,资产类型,所属机构,IP 地址,运行于,依赖\n"


def test_an_import_is_looked_at_first_and_then_done_whole(
    province: Province, now: datetime, scope: Scope, make: Any
) -> None:
    old = make("H-1", "host", ip="10.0.0.1")
    rows = table(
        HEAD
        + "H-1,新名,主机,145010,10.0.0.9,,\nAPP,申报服务,service,145020,,H-1,\nX,X 系统,信息系统,145020,,,APP\n"
    )
    plan = services.preview_import(scope, rows)
    assert (plan.summary, Asset.objects.count()) == ("新增 2 项，修改 1 项，不变 0 项。", 1)
    services.import_assets(scope, rows, now=now)
    old.refresh_from_db()
    assert (old.name, old.attributes) == ("新名", {"ip": "10.0.0.9"})
    assert [item.asset.code for item in queries.impact(scope, old).items] == ["APP", "X"]
    assert services.preview_import(scope, rows).unchanged == 3, "doing it again changes nothing"
    services.import_assets(scope, rows, now=now)
    assert Relation.objects.count() == 2
    assert [e.action for e in history("asset", old.pk)] == ["asset.import", "asset.add"]


def test_one_bad_row_and_nothing_is_stored(province: Province, now: datetime, scope: Scope) -> None:
    rows = table(HEAD + "A,甲,信息系统,145010,,,\nB,乙,飞船,145010,,,\n")
    with pytest.raises(BadInput, match="1 行不能导入") as caught:
        services.import_assets(scope, rows, now=now)
    assert [str(p) for p in caught.value.problems] == ["第 3 行「资产类型」：没有名为「飞船」的资产类型。"]
    assert not Asset.objects.exists()
    with pytest.raises(BadInput, match="没有数据行"):
        services.preview_import(scope, [])
    with pytest.raises(TooLarge, match="5000"):
        services.preview_import(scope, rows * 2501)
    with pytest.raises(NotPermitted):
        services.preview_import(province.scope(), rows)


def test_an_importer_cannot_reach_beyond_his_organisation(
    province: Province, now: datetime, make: Any
) -> None:
    make("FAR", org=province.there)
    here = province.scope(assets_edit=province.here.path)
    plan = services.preview_import(
        here, table(HEAD + "FAR,抢,信息系统,145010,,,\nNEW,新,信息系统,145020,,,\n")
    )
    assert [(p.row, p.column) for p in plan.problems] == [(2, "资产编号"), (3, "所属机构")]


def test_a_label_leads_to_the_asset_without_styles_or_scripts(make: Any) -> None:
    asset = make("H.1_a-b")
    assert labels.address(asset, "https://ops.example.test") == "https://ops.example.test/a/H.1_a-b/"
    drawn = labels.svg(labels.address(asset, "https://ops.example.test"))
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    assert "script" not in drawn
