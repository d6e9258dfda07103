"""Each house rule catches the offence it is there for, and the tree as it is has none."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _house() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house", ROOT / "tools" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOUSE = _house()
OFFENCES = {
    "engines_and_rules_read_no_clock": ("engines/a/b.py", '"""A."""\nimport time\nx = time.time()\n'),
    "engines_are_entered_by_the_front_door": (
        "platform/a/b.py",
        '"""A."""\nfrom taxops.engines.base.errors import BadInput\n',
    ),
    "modules_and_publics_have_docstrings": ("platform/a/b.py", "x = 1\n"),
    "nouns_carry_their_chinese_term": (
        "platform/a/models.py",
        '"""A."""\nclass B:\n    """An English noun."""\n',
    ),
    "names_are_honest": ("platform/a/utils.py", '"""A."""\n'),
    "files_stay_small": ("platform/a/b.py", '"""A."""\n' + "x = 1\n" * 400),
    "nothing_is_swallowed": ("platform/a/b.py", '"""A."""\ntry:\n    x = 1\nexcept ValueError:\n    pass\n'),
    "rooms_reach_models_through_services": (
        "systems/a/b/views.py",
        '"""A."""\nfrom taxops.systems.a.b.models import C\n',
    ),
    "tests_mirror_source": ("systems/a/b/services.py", '"""A."""\n'),
    "nothing_comes_from_outside": (
        "web/templates/a.html",
        '<script src="https://cdn.example.com/a.js"></script>\n',
    ),
    "what_belongs_to_a_machine_is_not_kept": ("platform/a/secret.key", "0"),
    "the_workplace_is_not_named": ("platform/a/b.py", '"""A."""\nx = "/work/' + 'main/a"\n'),
}


def test_every_rule_has_an_offence_and_a_why() -> None:
    assert {rule.__name__ for rule in HOUSE.RULES} == set(OFFENCES)
    assert all(rule.__doc__ for rule in HOUSE.RULES)


@pytest.mark.parametrize("rule", HOUSE.RULES, ids=lambda r: r.__name__)
def test_the_offence_is_caught(rule, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # from a loaded file
    name, text = OFFENCES[rule.__name__]
    path = tmp_path / "src" / "taxops" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    found = list(rule(tmp_path))
    assert [p for p, _, _ in found] == [path]


@pytest.mark.parametrize("rule", HOUSE.RULES, ids=lambda r: r.__name__)
def test_the_tree_as_it_is_has_none(rule) -> None:  # type: ignore[no-untyped-def]  # from a loaded file
    assert list(rule(ROOT)) == []
