import django.contrib.postgres.indexes
import pgvector.django.halfvec
from django.db import migrations, models

# Vectors are made again by the embedding task, now of prompt and response.
_KEEP_MEMBERS = """
    INSERT INTO feedback_sampledevent (
        event_id, deployment_id, hour_at, sample_rank, occurred_at, model_version_id, prompt_version, is_member, client
    )
    SELECT sample.event_id, sample.deployment_id, hour_at, sample_rank, occurred_at, model_version_id, prompt_version,
        true, ''
    FROM feedback_embedding AS sample JOIN feedback_event AS event ON event.id = sample.event_id
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0003_job_leases")]

    operations = [
        migrations.CreateModel(
            name="SampledEvent",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("deployment_id", models.CharField(max_length=255, verbose_name="deployment")),
                ("model_version_id", models.CharField(blank=True, max_length=255, verbose_name="model version")),
                ("prompt_version", models.CharField(blank=True, max_length=255)),
                ("occurred_at", models.DateTimeField()),
                ("hour_at", models.DateTimeField()),
                ("sample_rank", models.BigIntegerField()),
                ("is_member", models.BooleanField(default=True)),
                ("client", models.CharField(blank=True, max_length=100, verbose_name="embedded by")),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("deployment_id"),
                        models.F("hour_at"),
                        models.F("sample_rank"),
                        name="sampled_event_place",
                    ),
                    models.Index(
                        models.F("hour_at"),
                        condition=models.Q(("client", ""), ("is_member", False), _connector="OR"),
                        name="sampled_event_to_do",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoreClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("item_id", models.UUIDField()),
                ("kind", models.CharField(choices=[("event", "Event"), ("signal", "Signal")], max_length=16)),
                ("batch_id", models.UUIDField(null=True)),
                ("claimed_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [models.Index(models.F("batch_id"), name="store_claim_batch")],
                "constraints": [
                    models.UniqueConstraint(models.F("kind"), models.F("item_id"), name="store_claim_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["event", "signal"])), name="store_claim_kind_valid"
                    ),
                ],
            },
        ),
        migrations.RunSQL(_KEEP_MEMBERS, migrations.RunSQL.noop),
        migrations.DeleteModel("Embedding"),
        migrations.CreateModel(
            name="Embedding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.UUIDField()),
                ("field", models.CharField(choices=[("prompt", "Prompt"), ("response", "Response")], max_length=16)),
                ("client", models.CharField(max_length=100)),
                ("vector", pgvector.django.halfvec.HalfVectorField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint("event_id", "field", name="embedding_once_per_field"),
                    models.CheckConstraint(
                        condition=models.Q(("field__in", ["prompt", "response"])), name="embedding_field_valid"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="event",
            index=django.contrib.postgres.indexes.BrinIndex(
                models.F("occurred_at"), autosummarize=True, name="event_time"
            ),
        ),
    ]
