from django.db import migrations

# While a deployment is being deleted, its sets that were never approved may go, rejected ones and decisions included.
ALLOW = """
CREATE FUNCTION curation_may_be_deleted(set_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM curation_curatedset AS curated JOIN feedback_deployment AS deployment
            ON deployment.id = curated.deployment_id
        WHERE curated.id = set_id AND deployment.deleting AND curated.status NOT IN ('approved', 'superseded')
    )
$$;

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
    RAISE EXCEPTION 'curated set % is % and read-only', OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE FUNCTION curation_protect_example() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text;
BEGIN
    IF TG_OP = 'DELETE' AND curation_may_be_deleted(OLD.curated_set_id) THEN
        RETURN OLD;
    END IF;
    SELECT status INTO decided FROM curation_curatedset
    WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.curated_set_id END,
                 CASE WHEN TG_OP <> 'DELETE' THEN NEW.curated_set_id END)
        AND status IN ('approved', 'rejected', 'superseded') LIMIT 1;
    IF decided IS NOT NULL THEN
        RAISE EXCEPTION 'the curated set is % and its examples are read-only', decided
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION curation_protect_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND curation_may_be_deleted(OLD.curated_set_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'review decisions are only added' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0006_answers_that_are_messages"),
        ("feedback", "0022_deployments_deleted"),
    ]

    operations = [migrations.RunSQL(ALLOW, migrations.RunSQL.noop)]
