"""Decisions of deliverables (交付物规则): what a report says, how versions differ, who signs next."""

from .charts import Chart, charts_of
from .paper import exceptions_of, number_of, paper
from .signing import next_signer, standing_after
from .wording import Changed, changes_of, is_news, reasons_of

__all__ = [
    "Changed",
    "Chart",
    "changes_of",
    "charts_of",
    "exceptions_of",
    "is_news",
    "next_signer",
    "number_of",
    "paper",
    "reasons_of",
    "standing_after",
]
