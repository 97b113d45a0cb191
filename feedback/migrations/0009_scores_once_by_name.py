from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

ONCE = models.UniqueConstraint("event_id", "assessor", "name", "profile", name="quality_score_once")


class Migration(migrations.Migration):
    """What takes a while on a large table, without keeping others from it. Each step may run again."""

    atomic = False

    dependencies = [("feedback", "0008_scores_of_assessors")]

    operations = [
        ValidateConstraint(model_name="qualityscore", name="quality_score_names_valid"),
        ValidateConstraint(model_name="qualityscore", name="quality_score_has_a_range"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="qualityscore", name="quality_score_once_per_assessor"),
                migrations.AddConstraint(model_name="qualityscore", constraint=ONCE),
            ],
            database_operations=[
                # One that broke off leaves an index that is not valid.
                migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS quality_score_once", migrations.RunSQL.noop),
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY quality_score_once"
                    " ON feedback_qualityscore (event_id, assessor, name, profile)",
                    "DROP INDEX CONCURRENTLY IF EXISTS quality_score_once",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS quality_score_once_per_assessor",
                    "CREATE UNIQUE INDEX CONCURRENTLY quality_score_once_per_assessor"
                    " ON feedback_qualityscore (event_id, assessor)",
                ),
            ],
        ),
    ]
