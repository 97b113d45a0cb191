import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0011_splits_and_contamination"),
        ("exports", "0009_products_of_exports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("approve", "Approved"),
                            ("reject", "Rejected"),
                            ("request_again", "Requested again"),
                            ("cancel", "Cancelled"),
                        ],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="exportbatch",
            name="export_batch_status_valid",
        ),
        migrations.AddField(
            model_name="exportbatch",
            name="moved_to",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AlterField(
            model_name="exportbatch",
            name="status",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("approved", "Approved"),
                    ("running", "Running"),
                    ("validated", "Validated"),
                    ("published", "Published"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                    ("rejected", "Rejected"),
                ],
                default="requested",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="exportbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "requested",
                            "approved",
                            "running",
                            "validated",
                            "published",
                            "failed",
                            "cancelled",
                            "rejected",
                        ],
                    )
                ),
                name="export_batch_status_valid",
            ),
        ),
        migrations.AddField(
            model_name="exportdecision",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="exports.exportbatch"
            ),
        ),
        migrations.AddField(
            model_name="exportdecision",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="exportdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("action__in", ["approve", "reject", "request_again", "cancel"])),
                name="export_decision_action_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="exportdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", "reject"), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="export_decision_rejection_has_note",
            ),
        ),
    ]
