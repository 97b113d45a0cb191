import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgvector.django.halfvec
from django.conf import settings
from django.db import migrations, models
from pgvector.django import VectorExtension


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        VectorExtension(),
        migrations.CreateModel(
            name="Deployment",
            fields=[
                ("id", models.CharField(max_length=255, primary_key=True, serialize=False, verbose_name="deployment")),
                (
                    "enabled",
                    models.BooleanField(default=True, help_text="A disabled deployment refuses events and signals."),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^[A-Za-z0-9._:-]{1,255}$")), name="deployment_id_valid"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Embedding",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("deployment_id", models.CharField(max_length=255, verbose_name="deployment")),
                ("hour_at", models.DateTimeField()),
                ("sample_rank", models.BigIntegerField()),
                ("client", models.CharField(blank=True, max_length=100)),
                ("vector", pgvector.django.halfvec.HalfVectorField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("deployment_id"), models.F("hour_at"), models.F("sample_rank"), name="embedding_sample"
                    ),
                    models.Index(
                        models.F("hour_at"), condition=models.Q(("vector__isnull", True)), name="embedding_missing"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("external_id", models.TextField(blank=True)),
                ("deployment_id", models.CharField(max_length=255, verbose_name="deployment")),
                ("model_version_id", models.CharField(blank=True, max_length=255, verbose_name="model version")),
                ("prompt_version", models.CharField(blank=True, max_length=255)),
                ("session_hash", models.CharField(blank=True, max_length=64)),
                ("user_hash", models.CharField(blank=True, max_length=64)),
                ("prompt", models.TextField()),
                ("messages", models.JSONField(null=True)),
                ("response", models.TextField(blank=True)),
                ("latency_ms", models.FloatField(null=True)),
                ("prompt_tokens", models.IntegerField(null=True)),
                ("completion_tokens", models.IntegerField(null=True)),
                ("token_count", models.IntegerField(null=True)),
                ("cost_usd", models.FloatField(null=True)),
                ("finish_reason", models.CharField(blank=True, max_length=255)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("experiment", models.CharField(blank=True, max_length=255)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("trace_id", models.CharField(blank=True, max_length=255)),
                ("span_id", models.CharField(blank=True, max_length=255)),
                ("metadata", models.JSONField(default=dict)),
                ("masked", models.JSONField(default=dict)),
                ("quality_score", models.FloatField(null=True)),
                ("batch_id", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("deployment_id"),
                        models.OrderBy(models.F("occurred_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="event_newest",
                    ),
                    models.Index(
                        models.OrderBy(models.F("occurred_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="event_newest_anywhere",
                    ),
                    models.Index(
                        models.F("deployment_id"),
                        models.F("external_id"),
                        condition=models.Q(("external_id", ""), _negated=True),
                        name="event_external_id",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quality_score__isnull", True), ("quality_score__range", (0, 1)), _connector="OR"
                        ),
                        name="event_quality_score_in_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IngestBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch_id", models.UUIDField()),
                ("deployment_id", models.CharField(blank=True, max_length=255, verbose_name="deployment")),
                ("accepted", models.IntegerField()),
                ("stored", models.IntegerField(default=0)),
                ("duplicate", models.IntegerField(default=0)),
                ("sampled_out", models.IntegerField(default=0)),
                ("rejected", models.IntegerField(default=0)),
                ("invalid", models.IntegerField(default=0)),
                ("received_at", models.DateTimeField()),
                ("written_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name_plural": "ingest batches",
                "constraints": [
                    models.UniqueConstraint(models.F("batch_id"), models.F("deployment_id"), name="ingest_batch_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "accepted",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("stored"), "+", models.F("duplicate")
                                        ),
                                        "+",
                                        models.F("sampled_out"),
                                    ),
                                    "+",
                                    models.F("rejected"),
                                ),
                            )
                        ),
                        name="ingest_batch_balanced",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MetricRollup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deployment_id", models.CharField(max_length=255, verbose_name="deployment")),
                ("model_version_id", models.CharField(blank=True, max_length=255, verbose_name="model version")),
                (
                    "metric",
                    models.CharField(
                        choices=[
                            ("quality", "Quality score"),
                            ("latency_ms", "Latency (ms)"),
                            ("prompt_length", "Prompt length (characters)"),
                            ("response_length", "Response length (characters)"),
                        ],
                        max_length=32,
                    ),
                ),
                ("hour_at", models.DateTimeField()),
                ("n", models.BigIntegerField()),
                ("total", models.FloatField()),
                ("total_squares", models.FloatField()),
            ],
            options={
                "indexes": [
                    models.Index(models.F("metric"), models.F("hour_at"), name="metric_rollup_hour"),
                    models.Index(
                        models.F("deployment_id"),
                        models.F("metric"),
                        models.F("hour_at"),
                        name="metric_rollup_deployment",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("metric__in", ["quality", "latency_ms", "prompt_length", "response_length"])
                        ),
                        name="metric_rollup_metric_valid",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QualityScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.UUIDField()),
                ("assessor", models.CharField(choices=[("checks", "Automatic checks")], max_length=32)),
                ("profile", models.CharField(max_length=32)),
                ("score", models.FloatField()),
                ("checks", models.JSONField()),
                ("assessed_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("event_id"), models.F("assessor"), name="quality_score_once_per_assessor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("assessor__in", ["checks"])), name="quality_score_assessor_valid"
                    ),
                    models.CheckConstraint(condition=models.Q(("score__range", (0, 1))), name="quality_score_in_range"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RejectedItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch_id", models.UUIDField()),
                ("deployment_id", models.CharField(blank=True, max_length=255, verbose_name="deployment")),
                ("item_id", models.UUIDField()),
                ("kind", models.CharField(choices=[("event", "Event"), ("signal", "Signal")], max_length=16)),
                ("reason", models.TextField()),
                ("payload", models.JSONField()),
                ("rejected_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["event", "signal"])), name="rejected_item_kind_valid"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(null=True)),
                ("external_id", models.TextField(blank=True)),
                ("deployment_id", models.CharField(blank=True, max_length=255, verbose_name="deployment")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("thumbs_up", "Thumbs up"),
                            ("thumbs_down", "Thumbs down"),
                            ("regenerate", "Regenerate"),
                            ("edit", "Edit"),
                            ("copy", "Copy"),
                            ("share", "Share"),
                            ("report", "Report"),
                        ],
                        max_length=16,
                    ),
                ),
                ("slot", models.CharField(max_length=16)),
                ("value", models.JSONField(null=True)),
                ("edited_response", models.TextField(blank=True)),
                ("comment", models.TextField(blank=True)),
                ("user_hash", models.CharField(blank=True, max_length=64)),
                ("metadata", models.JSONField(default=dict)),
                ("masked", models.JSONField(default=dict)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("waiting", models.BooleanField(default=False)),
                ("live", models.BooleanField(default=False)),
                ("batch_id", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(models.F("event_id"), name="signal_event"),
                    models.Index(
                        models.F("deployment_id"),
                        models.F("external_id"),
                        condition=models.Q(("waiting", True)),
                        name="signal_waiting",
                    ),
                    models.Index(
                        models.F("deployment_id"),
                        models.F("type"),
                        models.OrderBy(models.F("occurred_at"), descending=True),
                        condition=models.Q(("live", True)),
                        name="signal_newest_live",
                    ),
                    models.Index(
                        models.OrderBy(models.F("occurred_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="signal_newest_anywhere",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("type__in", ["thumbs_up", "thumbs_down", "regenerate", "edit", "copy", "share", "report"])
                        ),
                        name="signal_type_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("event_id__isnull", False), models.Q(("external_id", ""), _negated=True), _connector="OR"
                        ),
                        name="signal_has_a_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("type", "edit"), _negated=True),
                            models.Q(("edited_response", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="signal_edit_has_text",
                    ),
                    models.UniqueConstraint(
                        models.F("event_id"),
                        models.F("user_hash"),
                        models.F("slot"),
                        condition=models.Q(("live", True)),
                        name="signal_one_live_per_slot",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("prefix", models.CharField(editable=False, max_length=16)),
                ("secret_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("ingest", "Send events"),
                                ("signals", "Send signals"),
                                ("read", "Read"),
                                ("operate", "Operate"),
                            ],
                            max_length=16,
                        ),
                        size=None,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scopes__contained_by", ["ingest", "signals", "read", "operate"])),
                        name="api_key_scopes_valid",
                    )
                ],
            },
        ),
    ]
