"""A system is chosen by name and kept by code; what nobody watches is kept as it was written."""

from __future__ import annotations

import pytest

from taxops.platform.casework import registry
from taxops.systems.operations.cases.forms import typed
from taxops.systems.operations.cases.forms.offered import Offered, code_for, name_for

SYSTEMS = [("tysl", "税务受理"), ("a", "专线"), ("b", "专线"), ("x", '<b>"引号"</b>')]


@pytest.mark.same_everywhere
@pytest.mark.parametrize(
    ("words", "code"),
    [("税务受理", "tysl"), ("tysl", "tysl"), ("专线", "专线"), ("别的系统", "别的系统"), ("", "")],
)
def test_a_name_is_kept_as_the_code_of_the_one_system_called_so(words: str, code: str) -> None:
    assert code_for(words, SYSTEMS) == code
    assert name_for(code, SYSTEMS) == words or words == "tysl"


@pytest.mark.same_everywhere
def test_the_names_are_offered_and_escaped() -> None:
    html = Offered([name for _, name in SYSTEMS]).render("system", "税", {"id": "id_system"})
    assert 'list="id_system-known"' in html
    assert '<datalist id="id_system-known">' in html
    assert '<option value="税务受理">' in html
    assert "<b>" not in html


@pytest.mark.same_everywhere
def test_the_form_of_a_type_keeps_the_code() -> None:
    kind = registry.current("incident")
    form = typed.TypedForm({"system": "税务受理"}, kind=kind, asks=kind.opening, systems=SYSTEMS)
    form.is_valid()
    assert form.data_of(form.cleaned_data)["system"] == "tysl"
