"""A stored correction never changes: only its links may be emptied, when the person or the analysis is deleted."""

from django.db import migrations

CREATE = """
CREATE FUNCTION annotation_correction_stays() RETURNS trigger AS $$
BEGIN
    IF (NEW.id, NEW.match_id, NEW.user_name, NEW.made_at, NEW.kind, NEW.before, NEW.after, NEW.model_version)
       IS DISTINCT FROM
       (OLD.id, OLD.match_id, OLD.user_name, OLD.made_at, OLD.kind, OLD.before, OLD.after, OLD.model_version)
       OR (NEW.user_id IS NOT NULL AND NEW.user_id IS DISTINCT FROM OLD.user_id)
       OR (NEW.action_id IS NOT NULL AND NEW.action_id IS DISTINCT FROM OLD.action_id)
       OR (NEW.reverses_id IS NOT NULL AND NEW.reverses_id IS DISTINCT FROM OLD.reverses_id)
    THEN
        RAISE EXCEPTION 'a correction is written once and never changed';
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER correction_stays BEFORE UPDATE ON annotation_correction
    FOR EACH ROW EXECUTE FUNCTION annotation_correction_stays();
"""
DROP = """
DROP TRIGGER correction_stays ON annotation_correction;
DROP FUNCTION annotation_correction_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("annotation", "0001_corrections")]
    operations = [migrations.RunSQL(CREATE, DROP)]
