import django.contrib.postgres.fields
from django.db import migrations, models

import feedback.models.deployments


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0010_rollups_of_checks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apikey",
            name="is_public",
            field=models.BooleanField(
                default=False,
                help_text="For browsers, where anyone can read it: it may only send signals.",
                verbose_name="public",
            ),
        ),
        migrations.AlterField(
            model_name="deployment",
            name="content_policy",
            field=models.CharField(
                choices=[
                    ("mask", "Mask: replace personal data and credentials"),
                    ("drop", "Drop: keep lengths, latency, tokens and scores only"),
                    ("off", "Off: store texts as they are sent"),
                ],
                default="mask",
                help_text="What happens to texts, tags and metadata before anything is written.",
                max_length=8,
                verbose_name="texts",
            ),
        ),
        migrations.AlterField(
            model_name="deployment",
            name="enabled",
            field=models.BooleanField(default=True, help_text="A disabled deployment rejects events and signals."),
        ),
        migrations.AlterField(
            model_name="deployment",
            name="feedback_types",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("thumbs", "Thumbs up and down"),
                        ("correction", "Corrections (edits)"),
                        ("flag", "Flags (reports)"),
                        ("rating", "Ratings"),
                        ("label", "Labels"),
                        ("regenerate", "Regenerations"),
                        ("copy", "Copies"),
                        ("share", "Shares"),
                    ],
                    max_length=16,
                ),
                blank=True,
                default=feedback.models.deployments.all_feedback_types,
                help_text="Signals of other types are rejected.",
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="deployment",
            name="sampling_rate",
            field=models.FloatField(
                default=1.0,
                help_text="Share of events that is kept, 0 to 1. Chosen by event id, so retries get the same result.",
            ),
        ),
        migrations.AlterField(
            model_name="deployment",
            name="segment_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64),
                blank=True,
                default=list,
                help_text="At most three metadata keys, such as plan or country. Metrics are split by their values, for events received from now on. Choose keys that name groups, not people.",
                size=None,
            ),
        ),
    ]
