from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feedback", "0022_deployments_deleted")]

    operations = [
        migrations.AddIndex(
            "toollist", models.Index("deployment_id", "first_seen_at", "id", name="tool_list_first_seen")
        ),
    ]
