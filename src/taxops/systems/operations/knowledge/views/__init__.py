"""Pages of knowledge (知识库页面): parse, one service call or query, show."""

from collections.abc import Sequence
from typing import Any

from taxops.web.manifest import MenuItem

from . import articles, editions, finding, questions, searching, writing

PAGES: Sequence[type[Any]] = [
    *searching.PAGES,
    *articles.PAGES,
    *writing.PAGES,
    *questions.PAGES,
    *editions.PAGES,
]

MENU = [
    MenuItem("知识检索", "knowledge-search", "knowledge.view", "search"),
    MenuItem("知识条目", "knowledge-articles", "knowledge.view", "book"),
    MenuItem("提问记录", "knowledge-questions", "knowledge.view", "message"),
    MenuItem("常见问题手册", "knowledge-editions", "knowledge.view", "notebook"),
]

_LOADED = finding  # importing it puts knowledge into the global search

__all__ = ["MENU", "PAGES"]
