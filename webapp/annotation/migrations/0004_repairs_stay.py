"""A stored repair of the camera never changes: only its links may be emptied, when what they name is deleted."""

from django.db import migrations

CREATE = """
CREATE FUNCTION annotation_repair_stays() RETURNS trigger AS $$
BEGIN
    IF (NEW.id, NEW.match_id, NEW.user_name, NEW.made_at, NEW.kind, NEW.time_ms, NEW.from_ms, NEW.to_ms, NEW.marks,
        NEW.before, NEW.after, NEW.n_samples, NEW.n_positions, NEW.former)
       IS DISTINCT FROM
       (OLD.id, OLD.match_id, OLD.user_name, OLD.made_at, OLD.kind, OLD.time_ms, OLD.from_ms, OLD.to_ms, OLD.marks,
        OLD.before, OLD.after, OLD.n_samples, OLD.n_positions, OLD.former)
       OR (NEW.user_id IS NOT NULL AND NEW.user_id IS DISTINCT FROM OLD.user_id)
       OR (NEW.run_id IS NOT NULL AND NEW.run_id IS DISTINCT FROM OLD.run_id)
       OR (NEW.video_id IS NOT NULL AND NEW.video_id IS DISTINCT FROM OLD.video_id)
       OR (NEW.reverses_id IS NOT NULL AND NEW.reverses_id IS DISTINCT FROM OLD.reverses_id)
    THEN
        RAISE EXCEPTION 'a repair is written once and never changed';
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER repair_stays BEFORE UPDATE ON annotation_camerarepair
    FOR EACH ROW EXECUTE FUNCTION annotation_repair_stays();
"""
DROP = """
DROP TRIGGER repair_stays ON annotation_camerarepair;
DROP FUNCTION annotation_repair_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("annotation", "0003_camera_repairs")]
    operations = [migrations.RunSQL(CREATE, DROP)]
