from django.db import migrations

from feedback.rubrics import versions

# A version is read-only; the account that created it may be deleted.
PROTECT = """
CREATE FUNCTION feedback_protect_rubric() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.created_by_id IS NULL AND to_jsonb(OLD) - 'created_by_id' = to_jsonb(NEW) - 'created_by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rubric %-v% is read-only', OLD.name, OLD.version USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER rubric_version_read_only BEFORE UPDATE ON feedback_rubricversion
    FOR EACH ROW EXECUTE FUNCTION feedback_protect_rubric();
"""
UNPROTECT = """
DROP TRIGGER rubric_version_read_only ON feedback_rubricversion;
DROP FUNCTION feedback_protect_rubric();
"""


def install(apps, schema_editor):
    versions.install_shipped(apps.get_model("feedback", "RubricVersion"))


class Migration(migrations.Migration):
    dependencies = [("feedback", "0033_rubrics")]

    operations = [
        migrations.RunPython(install, migrations.RunPython.noop),
        migrations.RunSQL(PROTECT, UNPROTECT),
    ]
