from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drift", "0005_baselines_and_states")]
    operations = [
        migrations.AddField("alertchannel", "rests_until", models.DateTimeField(editable=False, null=True)),
    ]
