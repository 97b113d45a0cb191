import django.db.models.deletion
from django.db import migrations, models

# Version n becomes n.0.0, of decided sets too.
NUMBER = """
ALTER TABLE curation_curatedset DISABLE TRIGGER curated_set_read_only;
UPDATE curation_curatedset SET major = version;
ALTER TABLE curation_curatedset ENABLE TRIGGER curated_set_read_only;
"""
# While a deployment is being deleted, its approved sets lose a parent that was never approved and is deleted.
ALLOW = """
CREATE OR REPLACE FUNCTION curation_protect_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status NOT IN ('approved', 'rejected', 'superseded') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' AND curation_may_be_deleted(OLD.id) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status = 'approved' AND NEW.status = 'superseded'
        AND to_jsonb(OLD) - 'status' = to_jsonb(NEW) - 'status' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.sealed_hash = '' AND NEW.sealed_hash <> '' AND NEW.salt <> ''
        AND to_jsonb(OLD) - '{salt,sealed_hash}'::text[] = to_jsonb(NEW) - '{salt,sealed_hash}'::text[] THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.parent_id IS NULL AND curation_may_be_deleted(OLD.parent_id)
        AND to_jsonb(OLD) - 'parent_id' = to_jsonb(NEW) - 'parent_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'curated set % is % and read-only', OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("curation", "0020_reasons_to_drop_a_row")]

    operations = [
        migrations.AlterField(
            model_name="curatedset",
            name="version",
            field=models.PositiveIntegerField(
                help_text="Counts the versions of a name.", verbose_name="number of the version"
            ),
        ),
        migrations.AddField(
            model_name="curatedset",
            name="major",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="curatedset",
            name="minor",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="curatedset",
            name="patch",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="curatedset",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="children",
                to="curation.curatedset",
                verbose_name="made after",
            ),
        ),
        migrations.AddConstraint(
            model_name="curatedset",
            constraint=models.UniqueConstraint(
                models.F("deployment"),
                models.F("name"),
                models.F("major"),
                models.F("minor"),
                models.F("patch"),
                name="curated_set_semantic_version_once",
            ),
        ),
        migrations.RunSQL(ALLOW, migrations.RunSQL.noop),
    ]
