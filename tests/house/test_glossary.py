"""The glossary matches the code: places exist, one concept has one word."""

from __future__ import annotations

import pytest

from taxops.project.atlas import ROOT, Term, glossary


def test_one_concept_one_word() -> None:
    terms = glossary()
    assert len(terms) > 30
    assert len({t.english for t in terms}) == len(terms)
    assert len({t.chinese for t in terms}) == len(terms)


@pytest.mark.parametrize("term", glossary(), ids=lambda t: t.english)
def test_a_term_lives_where_the_glossary_says(term: Term) -> None:
    assert (ROOT / term.place).exists()
    assert any("\u4e00" <= c <= "\u9fff" for c in term.chinese)
