"""Stored layers, choices and applications never change: only their links may be emptied, when what they name goes."""

from django.db import migrations

# Table -> links that may be emptied.
TABLES = {
    "annotation_learnedlayer": ["user_id", "against_id"],
    "annotation_layerchoice": ["user_id"],
    "annotation_layerapplication": ["id"],
}
CREATE = """
CREATE FUNCTION annotation_row_stays() RETURNS trigger AS $$
DECLARE
    link text;
BEGIN
    IF to_jsonb(NEW) - TG_ARGV IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV THEN
        RAISE EXCEPTION 'this record is written once and never changed';
    END IF;
    FOREACH link IN ARRAY TG_ARGV LOOP
        IF to_jsonb(NEW) ->> link IS NOT NULL
           AND to_jsonb(NEW) ->> link IS DISTINCT FROM to_jsonb(OLD) ->> link THEN
            RAISE EXCEPTION 'this record is written once and never changed';
        END IF;
    END LOOP;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
""" + "".join(
    f"CREATE TRIGGER row_stays BEFORE UPDATE ON {table} FOR EACH ROW "
    f"EXECUTE FUNCTION annotation_row_stays({', '.join(links)});\n"
    for table, links in TABLES.items()
)
DROP = (
    "".join(f"DROP TRIGGER row_stays ON {table};\n" for table in TABLES)
    + "DROP FUNCTION annotation_row_stays();"
)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0005_club_layers")]
    operations = [migrations.RunSQL(CREATE, DROP)]
