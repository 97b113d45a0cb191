from django.db import migrations

# What was decided is protected by the database itself, whatever code runs against it.
PROTECT = """
CREATE FUNCTION curation_protect_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status NOT IN ('approved', 'rejected', 'superseded') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status = 'approved' AND NEW.status = 'superseded'
        AND to_jsonb(OLD) - 'status' = to_jsonb(NEW) - 'status' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'curated set % is % and read-only', OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER curated_set_read_only BEFORE UPDATE OR DELETE ON curation_curatedset
    FOR EACH ROW EXECUTE FUNCTION curation_protect_set();

CREATE FUNCTION curation_protect_example() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text;
BEGIN
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
CREATE TRIGGER curated_example_read_only BEFORE INSERT OR UPDATE OR DELETE ON curation_curatedexample
    FOR EACH ROW EXECUTE FUNCTION curation_protect_example();

CREATE FUNCTION curation_protect_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'review decisions are only added' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER review_decision_append_only BEFORE UPDATE OR DELETE ON curation_reviewdecision
    FOR EACH ROW EXECUTE FUNCTION curation_protect_decision();
"""
RELEASE = """
DROP TRIGGER review_decision_append_only ON curation_reviewdecision;
DROP FUNCTION curation_protect_decision;
DROP TRIGGER curated_example_read_only ON curation_curatedexample;
DROP FUNCTION curation_protect_example;
DROP TRIGGER curated_set_read_only ON curation_curatedset;
DROP FUNCTION curation_protect_set;
"""


class Migration(migrations.Migration):
    dependencies = [("curation", "0001_initial")]

    operations = [migrations.RunSQL(PROTECT, RELEASE)]
