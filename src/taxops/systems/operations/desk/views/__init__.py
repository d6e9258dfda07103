"""Pages of the desk (受理台页面)."""

from collections.abc import Sequence
from typing import Any

from taxops.web.manifest import MenuItem

from . import answers, cases, field, intake, queues

PAGES: Sequence[type[Any]] = [*intake.PAGES, *queues.PAGES, *answers.PAGES, *cases.PAGES, *field.PAGES]

MENU = [
    MenuItem("受理台", "desk-intake", "cases.open", "headset"),
    MenuItem("办理队列", "desk-queues", "cases.view", "layout-list"),
    MenuItem("我的派工", "desk-field", "cases.handle", "map-pin"),
    MenuItem("常用答复", "desk-answers", "cases.handle", "message"),
    MenuItem("专家会诊", "desk-conferences", "cases.view", "users"),
]

__all__ = ["MENU", "PAGES"]
