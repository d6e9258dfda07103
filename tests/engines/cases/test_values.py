"""Values of forms: checked, cleaned, shown."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.cases import Condition, Field, FieldKind, Refused, check_value, digest_of, meets, shown

OPTIONS = (("a", "甲"), ("b", "乙"))


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (FieldKind.TEXT, "  好 ", "好"),
        (FieldKind.TEXT, "", None),
        (FieldKind.INT, 3, 3),
        (FieldKind.MONEY, 8, 8),
        (FieldKind.BOOL, False, False),
        (FieldKind.DATE, "2026-06-01", "2026-06-01"),
        (FieldKind.CHOICE, "a", "a"),
        (FieldKind.MULTI, ["b", "a"], ["a", "b"]),
        (FieldKind.INSTANT, 1780000000, 1780000000),
    ],
)
def test_values_are_kept_in_one_form(kind: FieldKind, value: Any, kept: Any) -> None:
    assert check_value(Field("x", "某", kind, OPTIONS), value) == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldKind.TEXT, "x" * 201),
        (FieldKind.TEXT, "a\x00b"),
        (FieldKind.TEXT, "\ud800"),
        (FieldKind.TEXT, 5),
        (FieldKind.INT, "3"),
        (FieldKind.INT, True),
        (FieldKind.MONEY, 8.5),
        (FieldKind.MONEY, "8"),
        (FieldKind.INT, 10**30),
        (FieldKind.INT, 99),
        (FieldKind.BOOL, "yes"),
        (FieldKind.DATE, "2026-02-30"),
        (FieldKind.CHOICE, "z"),
        (FieldKind.MULTI, "a"),
        (FieldKind.CHECKLIST, ["a", "z"]),
    ],
)
def test_what_does_not_fit_is_refused(kind: FieldKind, value: Any) -> None:
    found = check_value(
        Field("x", "某", kind, OPTIONS, minimum=1, maximum=10 if kind is FieldKind.INT else None), value
    )
    assert isinstance(found, Refused)
    assert "某" in found.what


def test_conditions() -> None:
    assert meets(Condition("a", ("x", "y")), {"a": "y"})
    assert not meets(Condition("a", ("x",)), {})
    assert meets(Condition("a", ()), {})
    assert not meets(Condition("a", ()), {"a": "x"})
    assert meets(Condition("a", ("yes",)), {"a": True})


def test_digests_are_of_the_named_fields_alone() -> None:
    assert digest_of(["a"], {"a": 1, "b": 2}) == digest_of(["a"], {"a": 1})
    assert digest_of(["a"], {"a": 1}) != digest_of(["a"], {"a": 2})


def test_values_in_words() -> None:
    assert shown(Field("x", "某", FieldKind.MULTI, OPTIONS), ["a", "b"]) == "甲、乙"
    assert shown(Field("x", "某", FieldKind.INSTANT), 1780282800) == "2026-06-01 11:00"
    assert shown(Field("x", "某", FieldKind.BOOL), True) == "是"
    assert shown(Field("x", "某", FieldKind.INT, unit="行"), 3) == "3 行"
    assert shown(Field("x", "某", FieldKind.MONEY), 123456) == "1,234.56 元"
    assert shown(Field("x", "某", FieldKind.TEXT), None) == "—"
