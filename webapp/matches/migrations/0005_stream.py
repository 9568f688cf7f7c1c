"""Whether a video can be watched as HLS."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matches", "0004_lineups")]

    operations = [
        migrations.AddField(
            model_name="video",
            name="has_stream",
            field=models.BooleanField(default=False),
        ),
    ]
