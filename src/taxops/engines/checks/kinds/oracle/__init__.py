"""Kind `oracle` (Oracle 数据库): instance, alert log, tablespaces, files, archiving, listener, backups (MJ2)."""

from .check import KIND

__all__ = ["KIND"]
