"""Stored files (文件): bytes with a hash, a purpose and a scope."""
