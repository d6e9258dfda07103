"""Use cases of identity (身份与权限的业务操作): one transaction each; `scope` and `now` are arguments."""

from .scopes import anonymous, scope_for

__all__ = ["anonymous", "scope_for"]
