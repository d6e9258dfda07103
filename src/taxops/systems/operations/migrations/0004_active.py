"""What a usual result needs to know of its check lies in the state's row; on SQLite that row is clustered."""

from django.db import migrations, models

_COLUMNS = (
    "check_row_id, phase, verdict, streak, since_ms, first_bad_ms, detected_ms, first_good_ms, unknown_since_ms,"
    " last_at_ms, suspects, duration_us, silent_since_ms, alive_from_ms, deadline_ms, message, version, active"
)


def copy_over(apps, schema_editor):
    schema_editor.execute(
        "UPDATE operations_checkstate SET"
        " version = (SELECT version FROM operations_check c WHERE c.id = check_row_id),"
        " active = (SELECT c.enabled AND c.archived_at IS NULL FROM operations_check c WHERE c.id = check_row_id)"
    )
    if schema_editor.connection.vendor != "sqlite":
        return
    schema_editor.execute(
        "CREATE TABLE operations_checkstate_new (check_row_id bigint NOT NULL PRIMARY KEY"
        " REFERENCES operations_check (id) DEFERRABLE INITIALLY DEFERRED,"
        " phase smallint NOT NULL, verdict smallint NOT NULL, streak integer NOT NULL, since_ms bigint,"
        " first_bad_ms bigint, detected_ms bigint, first_good_ms bigint, unknown_since_ms bigint,"
        " last_at_ms bigint NOT NULL, suspects integer NOT NULL, duration_us integer NOT NULL,"
        " silent_since_ms bigint, alive_from_ms bigint NOT NULL, deadline_ms bigint,"
        " message varchar(500) NOT NULL, version integer unsigned NOT NULL CHECK (version >= 0),"
        " active bool NOT NULL) WITHOUT ROWID"
    )
    schema_editor.execute(
        f"INSERT INTO operations_checkstate_new ({_COLUMNS}) SELECT {_COLUMNS} FROM operations_checkstate"
    )
    schema_editor.execute("DROP TABLE operations_checkstate")
    schema_editor.execute("ALTER TABLE operations_checkstate_new RENAME TO operations_checkstate")
    schema_editor.execute(
        "CREATE INDEX ops_state_deadline ON operations_checkstate (deadline_ms) WHERE deadline_ms IS NOT NULL"
    )


class Migration(migrations.Migration):
    dependencies = [("operations", "0003_cells")]
    operations = [
        migrations.AddField("checkstate", "version", models.PositiveIntegerField(default=1, verbose_name="现行版本")),
        migrations.AddField("checkstate", "active", models.BooleanField(default=True, verbose_name="受检")),
        migrations.RunPython(copy_over, migrations.RunPython.noop, elidable=True),
    ]
