"""Laying out an empty database in one go (一次建库), instead of walking through every migration there ever was.

Migrations describe how a database changed. Nothing has changed yet in an empty one: its tables are made as the models
say now, and of the migrations only the steps that no model can describe are run (triggers, how busy tables lie on
disk, built-in types). All migrations are then recorded as applied, so that the next one starts from here.

A step that only moves what old rows held is marked `elidable=True` in its migration, as for squashing: there are no
old rows. `tests/project/test_laying.py` walks the long way too and compares the two databases in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.models import Model


def lay(connection: BaseDatabaseWrapper) -> int:
    """Make every table of an empty database and record the migrations as applied.

    All of it happens in one transaction: a database is laid out whole or stays empty.

    Returns:
        How many migrations were recorded; 0 when the database is not empty and nothing was done.
    """
    executor = MigrationExecutor(connection)
    if connection.introspection.table_names():
        return 0
    plan = [step for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    labels = {step.app_label for step in plan}
    # SQLite refuses to switch the checking of references off inside a transaction, and its editor wants it off.
    connection.disable_constraint_checking()
    try:
        with transaction.atomic(using=connection.alias):
            with connection.schema_editor() as editor:
                for model in _tables(connection, labels):
                    editor.create_model(model)
            for step in plan:
                ours = step.__module__.startswith("taxops.")  # the steps of borrowed apps move old rows
                for operation in _steps(step.operations) if ours else ():
                    with connection.schema_editor() as editor:
                        if isinstance(operation, RunPython):
                            operation.code(apps, editor)  # type: ignore[arg-type]  # as it is now, not as it was
                        else:
                            operation.database_forwards(step.app_label, editor, None, None)  # type: ignore[arg-type]
                connection.check_constraints()
            executor.recorder.ensure_schema()
            for step in plan:
                executor.recorder.record_applied(step.app_label, step.name)
    finally:
        connection.enable_constraint_checking()
    return len(plan)


def _tables(connection: BaseDatabaseWrapper, labels: Iterable[str]) -> Iterator[type[Model]]:
    for label in sorted(labels):
        for model in apps.get_app_config(label).get_models():
            if model._meta.managed and not model._meta.proxy and model._meta.can_migrate(connection):
                yield model


def _steps(operations: Iterable[Operation]) -> Iterator[RunPython | RunSQL]:
    """Yield the steps that no model describes and that an empty database needs too."""
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _steps(operation.database_operations)
        elif isinstance(operation, RunPython | RunSQL) and not operation.elidable:
            yield operation
