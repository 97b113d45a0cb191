from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing has sent scores yet, so the table is empty."""

    dependencies = [
        ("feedback", "0028_signals_counted_again"),
    ]

    operations = [
        migrations.AlterField(model_name="waitingscore", name="minimum", field=models.FloatField()),
        migrations.AlterField(model_name="waitingscore", name="maximum", field=models.FloatField()),
    ]
