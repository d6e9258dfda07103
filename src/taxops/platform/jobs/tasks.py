"""The one django-tasks task: perform a run. Whatever back end the setting `TASKS` names may carry it."""

from __future__ import annotations

from django_tasks import task


@task()
def perform(run_id: str) -> None:
    """Take the run's lease and do it now; do nothing when another worker has it.

    Our own worker takes runs itself; this is what any other django-tasks worker calls.
    """
    from .execution import perform_now  # needs models, which are not loaded when tasks are declared

    perform_now(run_id)
