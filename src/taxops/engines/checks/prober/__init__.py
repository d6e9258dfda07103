"""The prober (探测器): checks carried out on time in an event loop of its own; pure of Django and of clocks."""

from .judge import Prepared, prepare
from .once import run_once
from .prober import Prober, Report

__all__ = ["Prepared", "Prober", "Report", "prepare", "run_once"]
