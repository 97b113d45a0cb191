from django.db import migrations

BATCH = 10_000
# The metrics of the checks, and the version under which all of their results were stored until now.
_NEXT = """
    WITH batch AS (
        SELECT id FROM feedback_rollup WHERE id > %s ORDER BY id LIMIT %s
    ), changed AS (
        UPDATE feedback_rollup AS row SET assessor = 'checks', measure_version = 'default-2' FROM batch
        WHERE row.id = batch.id AND row.assessor = ''
            AND (row.metric IN ('quality', 'format', 'refusal') OR starts_with(row.metric, 'check.'))
    )
    SELECT id::text FROM batch ORDER BY id DESC LIMIT 1
"""


def name_the_checks(apps, schema_editor):
    place = "00000000-0000-0000-0000-000000000000"
    with schema_editor.connection.cursor() as cursor:
        while place:
            cursor.execute(_NEXT, [place, BATCH])
            place = (cursor.fetchone() or [None])[0]


class Migration(migrations.Migration):
    """Rows of the checks say whose they are, batch by batch in transactions of their own."""

    atomic = False

    dependencies = [("feedback", "0009_scores_once_by_name")]

    operations = [migrations.RunPython(name_the_checks, migrations.RunPython.noop)]
