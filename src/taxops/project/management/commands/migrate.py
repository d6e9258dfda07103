"""`migrate` as Django has it, but an empty database is laid out in one go (see `project.laying`)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from taxops.project.laying import lay


class Command(migrate.Command):
    """Bring the database up to date."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the way through every migration, for the test that compares it with the short one."""
        super().add_arguments(parser)  # type: ignore[arg-type]
        parser.add_argument("--step-by-step", action="store_true", help="不走捷径，逐个执行迁移")

    def handle(self, *args: Any, **options: Any) -> None:
        """Lay out an empty database, then let Django do what is left."""
        whole = options["app_label"] is None and not (
            options["plan"] or options["check_unapplied"] or options["fake"]
        )
        if whole and not options.pop("step_by_step", False):
            lay(connections[options["database"]])
        super().handle(*args, **options)
