"""Money is entered in 元 and kept in 分; what is no amount is refused by the form."""

from __future__ import annotations

import pytest

from taxops.platform.casework import registry
from taxops.systems.operations.cases.forms import typed

pytestmark = pytest.mark.same_everywhere


def settle(amount: str) -> typed.TypedForm:
    kind = registry.current("relocation")
    step = kind.transitions["settle"]
    return typed.TypedForm({"materials": "网线 300 米", "amount_fen": amount}, kind=kind, asks=step.asks)


@pytest.mark.parametrize(
    ("yuan", "fen"), [("1234.5", 123450), ("0", 0), ("0.01", 1), ("999999999.99", 99999999999)]
)
def test_money_is_entered_in_yuan_and_kept_in_fen(yuan: str, fen: int) -> None:
    form = settle(yuan)
    assert form.is_valid(), form.errors
    assert form.data_of(form.cleaned_data)["amount_fen"] == fen
    field = form.kind.fields["amount_fen"]
    assert form.fields["amount_fen"].label == "辅材金额（元）"
    assert typed.kept(field, form.fields["amount_fen"].clean(typed.shown(field, fen))) == fen, (
        "shown as it is entered"
    )


@pytest.mark.parametrize("yuan", ["-1", "0.001", "一千", "NaN", "1e99", ""])
def test_what_is_no_amount_is_refused(yuan: str) -> None:
    assert "amount_fen" in settle(yuan).errors
