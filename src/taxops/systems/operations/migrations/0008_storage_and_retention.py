"""Roll-ups with minimum, 95th percentile and metrics; retention by setting; samples of how large tables are.

Columns are added by plain statements: Django would copy the tables on SQLite, and lose how they are clustered.
"""

from django.db import migrations, models

_ROLLUP = "ALTER TABLE operations_rollup5m ADD COLUMN {} integer NOT NULL DEFAULT 0"
_KEEPS = "ALTER TABLE operations_checkstate ADD COLUMN keeps boolean NOT NULL DEFAULT false"
_CLUSTERED = (
    "DROP TABLE operations_rawmetric",
    'CREATE TABLE "operations_rawmetric" ("cell" integer NOT NULL, "check_id" bigint NOT NULL,'
    ' "at_ms" bigint NOT NULL, "metrics" text NOT NULL CHECK (json_valid("metrics")),'
    ' PRIMARY KEY ("cell", "check_id", "at_ms")) WITHOUT ROWID',
    "DROP TABLE operations_metricrollup5m",
    'CREATE TABLE "operations_metricrollup5m" ("check_id" bigint NOT NULL, "metric" varchar(60) NOT NULL,'
    ' "slot" integer NOT NULL, "n" integer NOT NULL, "total" real NOT NULL, "least" real NOT NULL,'
    ' "most" real NOT NULL, "p95" real NOT NULL, PRIMARY KEY ("check_id", "metric", "slot")) WITHOUT ROWID',
)


_TRENDS = (
    "UPDATE operations_checkstate SET keeps = true WHERE check_row_id IN (SELECT id FROM operations_check"
    " WHERE kind IN ('oslog', 'backup', 'file', 'ogg', 'es', 'docker', 'registry', 'kafka_lag', 'prometheus',"
    " 'host', 'redis_sentinel', 'flow', 'nginx', 'mysql', 'onvif', 'redis_cluster', 'oracle', 'weblogic', 'lb',"
    " 'sql', 'snmp', 'redis'))"
)


def lay_out(apps, schema_editor):
    schema_editor.execute(_TRENDS)
    if schema_editor.connection.vendor == "sqlite":
        for statement in _CLUSTERED:
            schema_editor.execute(statement)


def column(model, name, statement, field):
    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL(statement, migrations.RunSQL.noop, elidable=True)],
        state_operations=[migrations.AddField(model, name, field)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0007_availability"),
    ]

    operations = [
        migrations.CreateModel(
            name="MetricRollup5m",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "check_id",
                        "metric",
                        "slot",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("check_id", models.BigIntegerField(verbose_name="检查项")),
                ("metric", models.CharField(max_length=60, verbose_name="指标")),
                ("slot", models.IntegerField(verbose_name="五分钟段")),
                ("n", models.IntegerField(verbose_name="次数")),
                ("total", models.FloatField(verbose_name="合计")),
                ("least", models.FloatField(verbose_name="最小")),
                ("most", models.FloatField(verbose_name="最大")),
                ("p95", models.FloatField(verbose_name="95 分位")),
            ],
            options={
                "verbose_name": "指标五分钟汇总",
                "verbose_name_plural": "指标五分钟汇总",
                "db_table": "operations_metricrollup5m",
            },
        ),
        migrations.CreateModel(
            name="RawMetric",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "cell",
                        "check_id",
                        "at_ms",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("cell", models.IntegerField(verbose_name="十秒格")),
                ("check_id", models.BigIntegerField(verbose_name="检查项")),
                ("at_ms", models.BigIntegerField(verbose_name="时刻")),
                ("metrics", models.JSONField(verbose_name="指标")),
            ],
            options={
                "verbose_name": "原始指标",
                "verbose_name_plural": "原始指标",
                "db_table": "operations_rawmetric",
            },
        ),
        column("checkstate", "keeps", _KEEPS, models.BooleanField(default=False, verbose_name="保留指标")),
        migrations.AddField(
            model_name="controlroom",
            name="change_days",
            field=models.PositiveSmallIntegerField(default=3653, verbose_name="状态变化保留天数"),
        ),
        migrations.AddField(
            model_name="controlroom",
            name="last_slot",
            field=models.JSONField(default=dict, verbose_name="最近时段的行数"),
        ),
        migrations.AddField(
            model_name="controlroom",
            name="note_days",
            field=models.PositiveSmallIntegerField(default=30, verbose_name="结果记录保留天数"),
        ),
        migrations.AddField(
            model_name="controlroom",
            name="raw_days",
            field=models.PositiveSmallIntegerField(default=7, verbose_name="原始结果保留天数"),
        ),
        migrations.AddField(
            model_name="controlroom",
            name="rollup_days",
            field=models.PositiveSmallIntegerField(default=1826, verbose_name="五分钟汇总保留天数"),
        ),
        column(
            "rollup5m",
            "duration_min_us",
            _ROLLUP.format("duration_min_us"),
            models.IntegerField(default=0, verbose_name="最小耗时（微秒）"),
        ),
        column(
            "rollup5m",
            "duration_p95_us",
            _ROLLUP.format("duration_p95_us"),
            models.IntegerField(default=0, verbose_name="耗时 95 分位（微秒）"),
        ),
        migrations.CreateModel(
            name="StorageSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, verbose_name="时刻")),
                ("table", models.CharField(max_length=60, verbose_name="表")),
                ("size", models.BigIntegerField(verbose_name="字节数")),
                ("rows", models.BigIntegerField(verbose_name="行数")),
            ],
            options={
                "verbose_name": "存储占用采样",
                "verbose_name_plural": "存储占用采样",
                "ordering": ["-at", "table"],
                "constraints": [models.UniqueConstraint(fields=("at", "table"), name="ops_sample_once")],
            },
        ),
        migrations.RunPython(lay_out, migrations.RunPython.noop, elidable=True),
    ]
