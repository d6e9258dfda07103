"""Carrying out one check at once (立即执行) with the real clock and drivers; safe to call from any thread."""

from __future__ import annotations

from taxops.engines.checks import CheckSpec, Result, Tools
from taxops.engines.checks import run_once as engine_run_once
from taxops.project.prober.clocks import monotonic, wall_ms
from taxops.project.prober.drivers import Drivers


def run_once(spec: CheckSpec, *, tracing: bool = True) -> Result:
    """Carry out a check now and return its result with the whole trace.

    Raises:
        NotFound: an unknown kind.
        BadInput: target, parameters or conditions cannot be used.
    """
    return engine_run_once(
        spec, clock=monotonic, wall_ms=wall_ms(), tools=Tools(database=Drivers()), tracing=tracing
    )
