"""Decisions of availability (可用性规则): pure; times are arguments."""

from .explaining import conclusion, exact, explain, percent, verdicts
from .reckoning import Cut, Known, Lost, Measured, Reckoning, Rule, measure_year, reckon
from .years import Offer, Term, days_of, term_of, year_named, year_of

__all__ = [
    "Cut",
    "Known",
    "Lost",
    "Measured",
    "Offer",
    "Reckoning",
    "Rule",
    "Term",
    "conclusion",
    "days_of",
    "exact",
    "explain",
    "measure_year",
    "percent",
    "reckon",
    "term_of",
    "verdicts",
    "year_named",
    "year_of",
]
