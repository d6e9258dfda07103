"""Taking in results (结果接收): one transaction a batch, each batch once, whatever is killed when."""

from .banding import judge_bands
from .keeping import clear_out, roll_up
from .reporting import Taken, report
from .ticking import judge_heartbeats, judge_silence, judge_suppressed, judge_windows, tick

__all__ = [
    "Taken",
    "clear_out",
    "judge_bands",
    "judge_heartbeats",
    "judge_silence",
    "judge_suppressed",
    "judge_windows",
    "report",
    "roll_up",
    "tick",
]
