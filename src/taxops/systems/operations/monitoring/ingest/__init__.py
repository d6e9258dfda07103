"""Taking in results (结果接收): one transaction a batch, each batch once, whatever is killed when."""

from .reporting import Taken, report
from .ticking import judge_silence, tick

__all__ = ["Taken", "judge_silence", "report", "tick"]
