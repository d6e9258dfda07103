"""The web kit (界面组件): pages by declaration. See `docs/web-kit.md` for a complete example."""

from . import menu, slots
from .action import ActionPage, Confirm
from .actions import Action, BulkAction
from .board import BoardPage
from .chart import Chart, Series
from .deciding import DecidePage, DecisionForm
from .detail import DetailPage, Fact, Tab
from .form import FormPage, Preview
from .history import Change, differences
from .imports import ImportPage, ImportPreview
from .listing import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    Filter,
    HiddenFilter,
    Line,
    ListPage,
    OrgFilter,
    Sheet,
    TextFilter,
)
from .page import Crumb, Done, Page
from .search import Hit, Provider
from .search import providers as search_providers
from .tables import ImportColumn, ImportRow
from .tones import ClockTone, State, Tone, state_of

__all__ = [
    "Action",
    "ActionPage",
    "BoardPage",
    "BooleanFilter",
    "BulkAction",
    "Change",
    "Chart",
    "ChoiceFilter",
    "ClockTone",
    "Column",
    "Confirm",
    "Crumb",
    "DateRangeFilter",
    "DecidePage",
    "DecisionForm",
    "DetailPage",
    "Done",
    "Fact",
    "Filter",
    "FormPage",
    "HiddenFilter",
    "Hit",
    "ImportColumn",
    "ImportPage",
    "ImportPreview",
    "ImportRow",
    "Line",
    "ListPage",
    "OrgFilter",
    "Page",
    "Preview",
    "Provider",
    "Series",
    "Sheet",
    "State",
    "Tab",
    "TextFilter",
    "Tone",
    "differences",
    "menu",
    "search_providers",
    "slots",
    "state_of",
]
