"""Background work (后台作业): leases, retries, schedules, progress.

Declare with `from taxops.platform.jobs.registry import job, JobContext`;
ask for a run with `from taxops.platform.jobs.services import enqueue`.
"""
