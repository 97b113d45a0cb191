from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """What takes a while on a large table, without keeping others from it. Each step may run again."""

    atomic = False

    dependencies = [("feedback", "0019_deployments_archived")]

    operations = [
        # One that broke off leaves an index that is not valid.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS event_tools", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "event",
            models.Index("deployment_id", "tools_hash", name="event_tools", condition=~Q(tools_hash="")),
        ),
    ]
