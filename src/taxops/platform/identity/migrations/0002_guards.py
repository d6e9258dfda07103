"""The database keeps the three administrators apart (三员分立)."""

from django.db import migrations

from taxops.platform.identity import guards


class Migration(migrations.Migration):
    """Installs the triggers."""

    dependencies = [("identity", "0001_initial")]

    operations = [migrations.RunPython(guards.install, guards.remove)]
