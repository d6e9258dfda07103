"""Every kind declares itself fully: the editor, the command line and the prober live on it."""

from __future__ import annotations

import json
import re

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.engines.checks import CheckSpec, Kind, check_kinds, compile_condition, prepare
from tests.engines.checks.rude import look

KINDS = [kind for _, kind in check_kinds.items()]
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_the_kinds_of_the_issue_are_there() -> None:
    wanted = {
        "http",
        "tcp",
        "tls",
        "dns",
        "flow",
        "nginx",
        "redis",
        "sql",
        "kafka_lag",
        "host",
        "oslog",
        "heartbeat",
    }
    assert wanted <= set(check_kinds)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_declared_in_chinese_and_fit_for_an_editor(kind: Kind) -> None:
    assert CHINESE.search(kind.title)
    assert CHINESE.search(kind.help)
    for param in kind.params:
        assert CHINESE.search(param.label) or param.label.isascii(), param
        assert not (param.required and param.default is not None)
    for fact in kind.facts:
        assert CHINESE.search(fact.meaning), fact
    names = [param.name for param in kind.params]
    assert len(names) == len(set(names))
    json.dumps(kind.as_dict())
    assert kind.verified.startswith(("已对真实系统验证", "从未对真实系统验证"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_default_conditions_speak_of_declared_facts_only(kind: Kind) -> None:
    facts = {fact.name for fact in kind.facts}
    for text in (*kind.conditions, *kind.warnings):
        compile_condition(text, facts)


def test_secrets_are_marked() -> None:
    words = ("password", "bearer", "private_key", "secrets")
    for kind in KINDS:
        for param in kind.params:
            assert param.secret == any(word in param.name for word in words), (kind.name, param.name)


def test_an_unknown_kind_lists_the_known() -> None:
    with pytest.raises(NotFound, match="http"):
        prepare(CheckSpec(1, "htpp", "x"))


def test_a_passive_kind_is_not_for_a_prober() -> None:
    assert check_kinds.get("heartbeat").passive
    with pytest.raises(BadInput, match="由平台判断"):
        look("heartbeat", "夜间同步")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"interval_s": 0}, "interval_s"),
        ({"timeout_s": -1}, "timeout_s"),
        ({"timeout_s": float("nan")}, "timeout_s"),
        ({"confirm": 0}, "confirm"),
        ({"conditions": ("status = 200",)}, "conditions"),
        ({"conditions": ("stauts == 200",)}, "conditions"),
        ({"warnings": ("status >",)}, "warnings"),
        ({"conditions": ("status == 200",) * 30}, "conditions"),
        ({"target": "  "}, "target"),
        ({"target": "http://" + "a" * 3000}, "target"),
    ],
)
def test_a_definition_that_does_not_fit_names_its_field(changes: dict[str, object], field: str) -> None:
    values: dict[str, object] = {"id": 1, "kind": "http", "target": "http://127.0.0.1/", **changes}
    with pytest.raises(BadInput) as error:
        prepare(CheckSpec(**values))  # type: ignore[arg-type]
    assert error.value.field == field
    assert CHINESE.search(error.value.what)
