"""Words of signals (预警用词)."""

from __future__ import annotations

from taxops.engines.base import Choices


class RuleKind(Choices):
    """What a rule looks at (规则种类)."""

    THRESHOLD = "threshold", "越线"
    CHANGE = "change", "环比变差"
    DROP = "drop", "名次下降"


class Side(Choices):
    """Which side of the indicator is bad (变差方向)."""

    BELOW = "below", "偏低为差"
    ABOVE = "above", "偏高为差"


class SignalState(Choices):
    """How far a signal is (预警状态)."""

    OPEN = "open", "待答复"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已办结"
    CLEARED = "cleared", "已消除"


class SignalAct(Choices):
    """What is done to a signal (操作)."""

    ANSWER = "answer", "答复"
    ACCEPT = "accept", "确认办结"
    RETURN = "return", "退回"
    CLEAR = "clear", "消除"


LEVELS = (("city", "市州"), ("county", "县区"), ("branch", "分局"))
"""Levels whose units a rule may compare."""
