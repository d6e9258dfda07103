"""Raw results are clustered by ten seconds instead of five minutes: a batch dirties fewer pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_storage")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("ALTER TABLE operations_rawresult RENAME COLUMN slot TO cell", migrations.RunSQL.noop, elidable=True),
                migrations.RunSQL("UPDATE operations_rawresult SET cell = at_ms / 10000", migrations.RunSQL.noop, elidable=True),
            ],
            state_operations=[
                migrations.DeleteModel(name="RawResult"),
                migrations.CreateModel(
                    name="RawResult",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "cell", "check_id", "at_ms", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("cell", models.IntegerField(verbose_name="十秒格")),
                        ("check_id", models.BigIntegerField(verbose_name="检查项")),
                        ("at_ms", models.BigIntegerField(verbose_name="时刻")),
                        ("code", models.SmallIntegerField(verbose_name="结论")),
                        ("duration_us", models.IntegerField(verbose_name="耗时（微秒）")),
                        ("suspect", models.SmallIntegerField(default=0, verbose_name="存疑")),
                    ],
                    options={
                        "verbose_name": "原始结果",
                        "verbose_name_plural": "原始结果",
                        "db_table": "operations_rawresult",
                    },
                ),
            ],
        )
    ]
