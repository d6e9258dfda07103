"""The living page of all components (`/kit/`, demonstration only): to look at, and to test against."""

from taxops.web.manifest import MenuItem

from .pages import PAGES

MENU = [MenuItem("组件总览", "kit"), MenuItem("列表样例", "kit-list"), MenuItem("表单样例", "kit-form")]

__all__ = ["MENU", "PAGES"]
