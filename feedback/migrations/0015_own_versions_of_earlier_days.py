from django.db import migrations

# Every event has a response length, so these are the versions that days have rollups of.
_NAMED = """
    INSERT INTO feedback_ownversion (deployment_id, day, kind, model_version_id, prompt_version)
    SELECT DISTINCT deployment_id, (at AT TIME ZONE 'UTC')::date, version.kind, version.model, version.prompt
    FROM (
        SELECT deployment_id, start_at AS at, model_version_id, prompt_version FROM feedback_rollup
        WHERE metric = 'response_length' AND bucket = 'day' AND segment = ''
        UNION ALL
        SELECT deployment_id, hour_at, model_version_id, prompt_version FROM feedback_rollupdelta WHERE segment = ''
    ) AS row, LATERAL (
        VALUES ('model', model_version_id, '', model_version_id),
            ('prompt', model_version_id, prompt_version, prompt_version)
    ) AS version (kind, model, prompt, name)
    WHERE version.name <> ''
    ON CONFLICT DO NOTHING
"""


def name_the_versions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_NAMED)


class Migration(migrations.Migration):
    """Versions that have rollups already keep them, however many a day has."""

    dependencies = [("feedback", "0014_own_versions")]

    operations = [migrations.RunPython(name_the_versions, migrations.RunPython.noop)]
