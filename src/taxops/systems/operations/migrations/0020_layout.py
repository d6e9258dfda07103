"""The layout of the busy tables, as one step that an empty database needs too; elsewhere it is there already."""

from django.db import migrations

from taxops.systems.operations.monitoring.layout import lay_out


def run(apps, schema_editor):
    lay_out(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("operations", "0019_inhibition")]
    operations = [migrations.RunPython(run, migrations.RunPython.noop, elidable=False)]
