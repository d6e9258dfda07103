"""Coded words that several rooms of operations share (运维用语)."""

from __future__ import annotations

from taxops.engines.base import Choices


class Severity(Choices):
    """How much an outage or alert of this matters (重要程度)."""

    CRITICAL = "critical", "紧急"
    MAJOR = "major", "重要"
    MINOR = "minor", "一般"
