"""Pages of cases (事项页面)."""

from __future__ import annotations

from taxops.web.manifest import MenuItem

from . import papers, targets
from .case import CasePage
from .doing import (
    CaseAssign,
    CaseAttach,
    CaseComment,
    CaseExecute,
    CaseLink,
    CaseOpen,
    CaseStep,
    CaseTypes,
    CaseWatch,
)
from .lists import CaseList, MyWork

PAGES = [
    MyWork,
    CaseList,
    CaseTypes,
    CaseOpen,
    CasePage,
    CaseStep,
    CaseAssign,
    CaseComment,
    CaseAttach,
    CaseLink,
    CaseWatch,
    CaseExecute,
    *papers.PAGES,
    *targets.PAGES,
]
MENU = [
    MenuItem("我的工作", "cases-mine", "cases.open", "checklist"),
    MenuItem("事项", "cases-list", "cases.view", "clipboard-list"),
    MenuItem("目标数据库", "datatargets", "cases.lead", "database"),
]
