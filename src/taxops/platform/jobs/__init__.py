"""Background work (后台作业): leases, retries, schedules, progress.

Declare with `from taxops.platform.jobs import job, JobContext` (no models behind it, so import it anywhere);
ask for a run with `from taxops.platform.jobs.services import enqueue`.
"""

from .registry import JobContext, Stopped, job

__all__ = ["JobContext", "Stopped", "job"]
