from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0015_sealed_rows"),
        ("exports", "0011_what_erasures_changed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="exportbatch",
            name="export_batch_files_deleted_by_somebody",
        ),
        migrations.AddConstraint(
            model_name="exportbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("files_deleted_at__isnull", True), ("status", "published"), _connector="OR"),
                name="export_batch_files_deleted_once_published",
            ),
        ),
    ]
