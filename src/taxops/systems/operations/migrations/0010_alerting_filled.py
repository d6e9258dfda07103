"""What 0009 filled may no longer be empty; apart from it, since PostgreSQL alters no table with pending triggers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0009_alerting'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alert',
            name='key',
            field=models.CharField(max_length=160, unique=True, verbose_name='去重键'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='last_at',
            field=models.DateTimeField(verbose_name='最近变化时间'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='org',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.orgunit', verbose_name='所属机构'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='since_at',
            field=models.DateTimeField(verbose_name='发生时间'),
        ),
    ]
