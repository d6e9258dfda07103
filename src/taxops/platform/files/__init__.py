"""Stored files (文件): bytes with a hash, a purpose and a scope.

A room declares what it stores with `purposes.declare` and stores with `services.store`.
"""
