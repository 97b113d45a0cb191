"""Exports and erasures that a worker of the version before holds go over to the leases of all jobs.

That version kept a lease on the row itself, beside the one of its task. Its workers are stopped before this runs, so
most of these leases are those of jobs to be done again: the sweep finds each one by its status, and queues it as soon
as no lease of it is alive. A lease that is alive, as of an export that a command writes, is copied, so that the job is
not begun a second time before it has run out; its attempts are copied with it. What such a writer leaves under
`.unfinished` stays for as long, as the token names it. A lease that the task holds already is left as it is.
"""

from django.db import migrations

_COPY_EXPORTS = """
    INSERT INTO feedback_joblease (task, key, token, worker, attempts, started_at, expires_at)
    SELECT 'exports.tasks.write_export', id::text, lease_token, '', attempts, statement_timestamp(), lease_expires_at
    FROM exports_exportbatch WHERE status IN ('running', 'validated') AND lease_expires_at IS NOT NULL
    ON CONFLICT (task, key) DO NOTHING
"""
_COPY_ERASURES = """
    INSERT INTO feedback_joblease (task, key, token, worker, attempts, started_at, expires_at)
    SELECT 'exports.tasks.erase_user', id::text, gen_random_uuid(), '', 1, statement_timestamp(), lease_expires_at
    FROM exports_erasure WHERE status <> 'completed' AND lease_expires_at IS NOT NULL
    ON CONFLICT (task, key) DO NOTHING
"""
# The version before takes up a running export only when a lease of it has expired.
_EXPIRE_EXPORTS = """
    UPDATE exports_exportbatch SET lease_token = gen_random_uuid(), lease_expires_at = statement_timestamp()
    WHERE status IN ('running', 'validated')
"""


class Migration(migrations.Migration):
    dependencies = [("exports", "0003_export_files_deleted"), ("feedback", "0003_job_leases")]

    operations = [
        migrations.RunSQL(_COPY_EXPORTS, _EXPIRE_EXPORTS),
        migrations.RunSQL(_COPY_ERASURES, migrations.RunSQL.noop),
    ]
