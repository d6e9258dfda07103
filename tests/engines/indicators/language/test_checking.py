"""Types: right expressions get their sort, wrong ones a complaint at the place."""

from __future__ import annotations

import pytest

from taxops.engines.indicators.language import BadExpression, Names, check, parse
from taxops.engines.warehouse import shipped_schema

SCHEMA = shipped_schema()
OBLIG = Names(SCHEMA, SCHEMA.table("oblig"), params={"n": "int", "cap": "fen"})
INV = Names(SCHEMA, SCHEMA.table("inv"), params={"n": "int", "cap": "fen"})
DERIVED = Names(SCHEMA, values={"a": "float", "b": "float"})


@pytest.mark.parametrize(
    ("names", "text", "sort"),
    [
        (OBLIG, "filed_on <= due", "bool"),
        (OBLIG, "days_between(due, filed_on) + 1", "int"),
        (OBLIG, "tp.vat_kind", "text"),
        (OBLIG, "status_at(due) not in ('suspended', 'abnormal')", "bool"),
        (OBLIG, "due between period.start and add_days(period.last, $n)", "bool"),
        (OBLIG, "exists(hit where tp_id == this.tp_id and hit_on < this.due)", "bool"),
        (OBLIG, "overlap(due, filed_on, period.start, null)", "bool"),
        (INV, "amount * rate_bp / 10000", "float"),
        (INV, "amount * 3 - tax", "fen"),
        (INV, "amount > $cap and amount > 100", "bool"),
        (INV, "case(kind == 'red', 0 - amount, amount)", "fen"),
        (INV, "seller.industry != buyer.industry", "bool"),
        (INV, "coalesce(buyer_id, 0)", "int"),
        (INV, "least(amount, tax, 0)", "fen"),
        (DERIVED, "a / prev(a, 12) - 1", "float"),
        (DERIVED, "a.num + b.den - abs(ytd(b))", "float"),
    ],
)
def test_sorts(names: Names, text: str, sort: str) -> None:
    assert check(parse(text), names, text) == sort


@pytest.mark.parametrize(
    ("names", "text", "column", "message"),
    [
        (OBLIG, "file_on <= due", 1, "没有「file_on」.*您是不是要写 filed_on"),
        (OBLIG, "due <= '2025-01-01'", 5, "不能比较.*date"),
        (OBLIG, "due - filed_on", 1, "应是数.*days_between"),
        (OBLIG, "tax and obliged", 1, "应是判断"),
        (OBLIG, "not tax", 5, "应是判断"),
        (OBLIG, "filed_on == null", 10, "is null"),
        (OBLIG, "obliged > true", 9, "不分大小"),
        (OBLIG, "-tax", 2, "应是数"),
        (OBLIG, "day_between(due, due)", 1, "没有函数"),
        (OBLIG, "days_between(due)", 1, "要 2 个参数"),
        (OBLIG, "days_between(due, 3)", 19, "应是日期"),
        (OBLIG, "$m > 1", 1, "没有参数"),
        (OBLIG, "org.nme == 'x'", 1, "没有「nme」"),
        (OBLIG, "hit.tier == 'x'", 1, "不指向「hit」"),
        (OBLIG, "this.due", 1, "exists 里面"),
        (OBLIG, "period.end", 1, "period 没有"),
        (OBLIG, "exists(hit where tier == 'high')", 1, "连起来"),
        (OBLIG, "exists(nothing where a == this.b)", 1, "没有「nothing」"),
        (
            OBLIG,
            "exists(hit where tp_id == this.tp_id and exists(hit where tp_id == this.tp_id))",
            42,
            "不能写在这里",
        ),
        (OBLIG, "exists(hit where tp_id == this.tp_id and tp.name == 'x')", 42, "别的表"),
        (OBLIG, "tax in ()", 5, "空的"),
        (OBLIG, "tax in (due)", 9, "常量"),
        (OBLIG, "case(obliged, 1)", 1, "成对"),
        (OBLIG, "case(obliged, 1, 'a')", 18, "不一致"),
        (OBLIG, "case(tax, 1, 2)", 6, "条件应是判断"),
        (OBLIG, "date('2025-13-01')", 6, "不是日期"),
        (OBLIG, "date(tax)", 1, "写明的日期"),
        (OBLIG, "prev(due, 1)", 1, "派生指标"),
        (INV, "amount + 1", 8, "单位"),
        (INV, "amount * tax", 8, "不能乘"),
        (INV, "issued_on == tax", 11, "不能比较"),
        (INV, "status_at(issued_on) == 'x'", None, ""),
        (DERIVED, "c + 1", 1, "没有「c」"),
        (DERIVED, "prev(a, 0)", 1, "写法不对"),
        (DERIVED, "ytd(1)", 1, "所引用指标"),
        (DERIVED, "a.nom", 1, "没有「nom」"),
    ],
)
def test_complaints(names: Names, text: str, column: int | None, message: str) -> None:
    if column is None:  # an invoice's taxpayer is its seller
        assert check(parse(text), names, text) == "bool"
        return
    with pytest.raises(BadExpression) as caught:
        check(parse(text), names, text)
    import re

    assert re.search(message, str(caught.value)), str(caught.value)
    assert caught.value.column == column


def test_the_wanted_sort_is_demanded() -> None:
    with pytest.raises(BadExpression, match="应是是否"):
        check(parse("due"), OBLIG, "due", "bool")
