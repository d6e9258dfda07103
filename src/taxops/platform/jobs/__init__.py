"""Background work (后台作业): leases, retries, schedules, progress."""
