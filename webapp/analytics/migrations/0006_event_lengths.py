"""Events may carry how much a clip of them shows before and after."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analytics", "0005_run_segments")]

    operations = [
        migrations.AddField("spottedaction", "lead_ms", models.PositiveIntegerField(null=True)),
        migrations.AddField("spottedaction", "lag_ms", models.PositiveIntegerField(null=True)),
    ]
