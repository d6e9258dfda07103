"""The trail (审计日志): one append-only, SM3-chained log of who did what."""
