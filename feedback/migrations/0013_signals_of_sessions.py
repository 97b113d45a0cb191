from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """What takes a while on a large table, without keeping others from it. Each step may run again."""

    atomic = False

    dependencies = [("feedback", "0012_complete_signals")]

    operations = [
        ValidateConstraint("signal", "signal_names_its_target"),
        ValidateConstraint("signal", "signal_edit_holds_text"),
        # One that broke off leaves an index that is not valid.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS signal_session", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "signal", models.Index("session_hash", name="signal_session", condition=~Q(session_hash=""))
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS event_session", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "event",
            models.Index(
                "session_hash",
                models.F("occurred_at").desc(),
                models.F("id").desc(),
                name="event_session",
                condition=~Q(session_hash=""),
            ),
        ),
    ]
