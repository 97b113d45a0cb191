from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("exports", "0004_leases_of_jobs")]

    operations = [
        migrations.RemoveField("exportbatch", "attempts"),
        migrations.RemoveField("exportbatch", "lease_token"),
        migrations.RemoveField("exportbatch", "lease_expires_at"),
        migrations.RemoveField("erasure", "lease_expires_at"),
    ]
