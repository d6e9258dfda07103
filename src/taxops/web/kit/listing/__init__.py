"""List pages (列表页): columns, filters, saved views, exports, bulk actions; conditions live in the URL."""

from .columns import Column
from .filters import BooleanFilter, ChoiceFilter, DateRangeFilter, Filter, HiddenFilter, OrgFilter, TextFilter
from .page import ListPage
from .sheet import Line, Sheet

__all__ = [
    "BooleanFilter",
    "ChoiceFilter",
    "Column",
    "DateRangeFilter",
    "Filter",
    "HiddenFilter",
    "Line",
    "ListPage",
    "OrgFilter",
    "Sheet",
    "TextFilter",
]
