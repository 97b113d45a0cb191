import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    """Columns with defaults in the database, so that no table is written anew and earlier writers go on."""

    dependencies = [("feedback", "0017_rejection_reasons")]

    operations = [
        migrations.CreateModel(
            name="ToolList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deployment_id", models.CharField(max_length=255, verbose_name="deployment")),
                ("digest", models.CharField(max_length=64)),
                ("tools", models.TextField()),
                ("first_seen_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint("deployment_id", "digest", name="tool_list_once_per_deployment")
                ],
            },
        ),
        migrations.AddField(
            "deployment",
            "keep_reasoning",
            models.BooleanField(
                db_default=True,
                default=True,
                help_text="Off: what a model wrote before its answer is discarded.",
            ),
        ),
        migrations.AddField(
            "deployment",
            "training_allowed",
            models.BooleanField(
                db_default=True,
                default=True,
                help_text="Off: no event is selected for a set or exported.",
            ),
        ),
        migrations.AddField("event", "response_message", models.JSONField(null=True)),
        migrations.AddField("event", "dialect", models.CharField(blank=True, db_default="", default="", max_length=32)),
        migrations.AddField(
            "event", "tools_hash", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
        migrations.AddField(
            "event",
            "tools_called",
            django.contrib.postgres.fields.ArrayField(models.TextField(), db_default=Value("{}"), default=list),
        ),
        migrations.AddField("event", "tool_choice", models.JSONField(null=True)),
        migrations.AddField("event", "response_format", models.JSONField(null=True)),
        migrations.AddField("event", "feedback_shown", models.BooleanField(null=True)),
        migrations.AddField("event", "training_allowed", models.BooleanField(db_default=True, default=True)),
    ]
