"""Flapping: which of the last results changed sides, since when it flaps, and by which settings.

Columns of the check states are added by plain statements: Django would copy the table on SQLite, and lose how it is
clustered. Heartbeats and checks by people do not flap: each says so once.
"""

from django.db import migrations, models


def column(name, statement, field):
    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL(statement, migrations.RunSQL.noop, elidable=True)],
        state_operations=[migrations.AddField("checkstate", name, field)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0023_papers"),
    ]

    operations = [
        migrations.AddField(
            model_name="check",
            name="flap",
            field=models.BooleanField(default=True, verbose_name="判定抖动"),
        ),
        migrations.AddField(
            model_name="check",
            name="flap_high",
            field=models.PositiveSmallIntegerField(default=30, verbose_name="抖动开始（%）"),
        ),
        migrations.AddField(
            model_name="check",
            name="flap_low",
            field=models.PositiveSmallIntegerField(default=20, verbose_name="抖动结束（%）"),
        ),
        migrations.AddField(
            model_name="check",
            name="flap_results",
            field=models.PositiveSmallIntegerField(default=20, verbose_name="抖动判定次数"),
        ),
        column(
            "flap_window",
            "ALTER TABLE operations_checkstate ADD COLUMN flap_window bigint NOT NULL DEFAULT 0",
            models.BigIntegerField(default=0, verbose_name="抖动窗口"),
        ),
        column(
            "flapping_since_ms",
            "ALTER TABLE operations_checkstate ADD COLUMN flapping_since_ms bigint NULL",
            models.BigIntegerField(blank=True, null=True, verbose_name="抖动起点"),
        ),
        migrations.RunSQL(
            "UPDATE operations_check SET flap = false WHERE kind IN ('heartbeat', 'manual')",
            migrations.RunSQL.noop,
            elidable=True,
        ),
        migrations.AlterField(
            model_name="statechange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("first_good", "首次正常"),
                    ("soft_cleared", "异常未确认即消失"),
                    ("outage_opened", "中断"),
                    ("outage_closed", "恢复"),
                    ("warning_began", "出现警告"),
                    ("warning_ended", "警告消失"),
                    ("unknown_began", "无法检查"),
                    ("unknown_ended", "恢复检查"),
                    ("silent_began", "结果中断"),
                    ("silent_ended", "结果恢复"),
                    ("enabled", "启用"),
                    ("disabled", "停用"),
                    ("edited", "定义变更"),
                    ("band_left", "偏离基线"),
                    ("band_back", "回到基线"),
                    ("flapping_began", "开始抖动"),
                    ("flapping_ended", "抖动结束"),
                ],
                max_length=16,
                verbose_name="变化",
            ),
        ),
    ]
