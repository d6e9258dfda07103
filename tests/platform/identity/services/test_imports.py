"""An import stores every row or none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest

from taxops.engines.base import BadInput, NotPermitted, Scope, TooLarge
from taxops.engines.documents import read_table
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity import services
from taxops.platform.identity.models import OrgChange, OrgUnit, Person
from taxops.platform.identity.rules import ImportRow
from tests import factories

pytestmark = pytest.mark.django_db
HEADER = "机构代码,机构名称,层级,上级代码,成立日期\n"


def _rows(text: str, encoding: str = "utf-8") -> list[ImportRow]:
    table = read_table((HEADER + text).encode(encoding), "orgs.csv")
    return [ImportRow(number, cells) for number, cells in table.rows]


def _stored() -> list[tuple[str, str, str]]:
    return list(OrgUnit.objects.order_by("code").values_list("code", "name", "path"))


GOOD = (
    "145013H1,新区办税厅,办税服务厅,145013,2020-01-01\n"
    "145013,新区税务局,县局,145010,2020/1/1\n"
    "145011,南城县税务局,县局,145020,2018-06-15\n"
    "145020,北河州税务局,州局,145000,2018年6月15日\n"
)


def test_preview_says_what_would_happen_and_stores_nothing(
    province: object, system: Scope, now: datetime
) -> None:
    before = _stored()
    plan = services.preview_org_import(system, _rows(GOOD), now=now)
    assert plan.summary == "新增 2 个，修改 1 个，调整隶属 1 个，不变 0 个。"
    assert plan.problems == []
    assert _stored() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_import_adds_changes_and_moves_with_history(
    encoding: str, province: object, system: Scope, now: datetime
) -> None:
    services.import_orgs(system, _rows(GOOD, encoding), now=now)
    paths = {code: path for code, _, path in _stored()}
    assert paths["145013H1"] == "145000/145010/145013/145013H1/"
    assert paths["145011"] == "145000/145020/145011/"
    assert paths["145011H1"] == "145000/145020/145011/145011H1/"
    assert OrgUnit.objects.get(code="145020").name == "北河州税务局"
    kinds = dict(OrgChange.objects.values_list("org__code", "kind"))
    assert kinds == {"145013": "created", "145013H1": "created", "145011": "moved", "145020": "renamed"}
    assert AuditEntry.objects.filter(action="identity.org_import").count() == 1


def test_importing_the_same_again_changes_nothing(province: object, system: Scope, now: datetime) -> None:
    services.import_orgs(system, _rows(GOOD), now=now)
    before, changes = _stored(), OrgChange.objects.count()
    plan = services.import_orgs(system, _rows(GOOD), now=now)
    assert plan.unchanged == 4
    assert (_stored(), OrgChange.objects.count()) == (before, changes)


@pytest.mark.parametrize(
    ("_case", "bad", "said"),
    [
        ("loop", "A1,甲,县局,B1,2020-01-01\nB1,乙,县局,A1,2020-01-01\n", "隶属关系成环：A1 → B1 → A1"),
        (
            "duplicate",
            "145014,甲,县局,145010,2020-01-01\n145014,乙,县局,145010,2020-01-01\n",
            "与第 6 行重复",
        ),
        ("unknown parent", "145014,甲,县局,777777,2020-01-01\n", "既不在表中"),
        ("wrong level", "145014,甲,县局,145012,2020-01-01\n", "不能是县/区局"),
        ("bad date", "145014,甲,县局,145010,2020-13-01\n", "不是日期"),
        ("no name", "145014,,县局,145010,2020-01-01\n", "没有填写机构名称"),
        ("date to come", "145014,甲,县局,145010,2030-01-01\n", "在今天"),
    ],
)
def test_one_bad_row_and_nothing_is_stored(
    _case: str, bad: str, said: str, province: object, system: Scope, now: datetime
) -> None:
    before = _stored()
    with pytest.raises(BadInput, match="未保存任何数据") as caught:
        services.import_orgs(system, _rows(GOOD + bad), now=now)
    assert any(said in str(problem) for problem in caught.value.problems), caught.value.problems
    assert all(problem.row >= 6 for problem in caught.value.problems)
    assert _stored() == before
    assert not OrgChange.objects.exists()


def test_rows_outside_the_scope_are_named(province: Mapping[str, OrgUnit], now: datetime) -> None:
    neighbour = factories.person("nb", province["145020"], "system_admin")
    scope = factories.scope_of(neighbour, now)
    plan = services.preview_org_import(scope, _rows(GOOD), now=now)
    assert {problem.row for problem in plan.problems} == {2, 3, 4}
    with pytest.raises(BadInput):
        services.import_orgs(scope, _rows(GOOD), now=now)
    services.import_orgs(scope, _rows("145023,甲,县局,145020,2020-01-01\n"), now=now)
    with pytest.raises(BadInput):  # a new root is nobody's
        services.import_orgs(scope, _rows("99,甲,省局,,2020-01-01\n"), now=now)


def test_nobody_imports_without_the_permission(
    province: object, security_admin: Person, now: datetime
) -> None:
    with pytest.raises(NotPermitted):
        services.preview_org_import(factories.scope_of(security_admin, now), _rows(GOOD), now=now)


def test_an_empty_table_and_a_huge_one_are_refused(province: object, system: Scope, now: datetime) -> None:
    with pytest.raises(BadInput, match="没有数据行"):
        services.import_orgs(system, [], now=now)
    row = _rows(GOOD)[0]
    with pytest.raises(TooLarge, match="一次最多导入 20000 行"):
        services.import_orgs(system, [row] * 20_001, now=now)


def test_a_whole_province_goes_in_with_few_queries(
    db: None, system: Scope, now: datetime, django_assert_max_num_queries: object
) -> None:
    lines = ["P1,省局,省局,,2018-06-15"]
    for city in range(9):
        lines.append(f"P1C{city},市局{city},市局,P1,2018-06-15")
        for county in range(7):
            lines.append(f"P1C{city}X{county},县局{county},县局,P1C{city},2018-06-15")
            lines += [f"P1C{city}X{county}H{n},厅{n},厅,P1C{city}X{county},2018-06-15" for n in range(5)]
    rows = _rows("\n".join(lines) + "\n")
    with django_assert_max_num_queries(40):  # type: ignore[operator]  # a fixture without a type
        plan = services.import_orgs(system, rows, now=now)
    assert len(plan.added) == 1 + 9 + 63 + 315
    deepest = OrgUnit.objects.get(code="P1C3X2H4")
    assert deepest.path == "P1/P1C3/P1C3X2/P1C3X2H4/"


def test_numbered_takes_plain_rows_and_rows_that_know_their_number(db: None) -> None:
    found = services.numbered([{"机构代码": "1"}, {"机构代码": "2"}])
    assert [row.number for row in found] == [2, 3]
