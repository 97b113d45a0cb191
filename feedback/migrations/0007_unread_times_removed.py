from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("feedback", "0006_copy_places")]

    operations = [
        migrations.RemoveField(model_name="copyplace", name="saved_at"),
        migrations.RemoveField(model_name="storeclaim", name="claimed_at"),
    ]
