from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drift", "0006_channels_rest")]

    operations = [
        migrations.AddField(
            model_name="baseline",
            name="measure_versions",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
    ]
