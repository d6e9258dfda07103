"""Adds the built-in asset types."""

import tomllib
from pathlib import Path

from django.db import migrations

_DATA = Path(__file__).resolve().parent.parent / "data" / "types.toml"


def add(apps, schema_editor):
    kinds = apps.get_model("assets", "AssetType")
    for item in tomllib.loads(_DATA.read_text("utf-8"))["type"]:
        kinds.objects.get_or_create(
            code=item["code"],
            version=item["version"],
            defaults={"name": item["name"], "icon": item["icon"], "fields": item["fields"], "is_current": True},
        )


class Migration(migrations.Migration):
    dependencies = [("assets", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
