"""What a definition knows about itself."""

from __future__ import annotations

from taxops.engines.indicators import Agg, Measure, parse_definition

from .shapes import bent


def test_measures_and_what_adds_up() -> None:
    assert len(parse_definition(bent()).measures) == 2
    assert Measure(agg=Agg.SUM).additive
    assert not Measure(agg=Agg.NUNIQUE).additive
