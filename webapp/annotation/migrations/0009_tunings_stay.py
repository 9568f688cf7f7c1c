"""Stored weights and choices of them never change: only their links may be emptied, when what they name goes."""

from django.db import migrations

TABLES = {
    "annotation_tunedweights": ["user_id", "against_id"],
    "annotation_weightschoice": ["user_id"],
}
CREATE = "".join(
    f"CREATE TRIGGER row_stays BEFORE UPDATE ON {table} FOR EACH ROW "
    f"EXECUTE FUNCTION annotation_row_stays({', '.join(links)});\n"
    for table, links in TABLES.items()
)
DROP = "".join(f"DROP TRIGGER row_stays ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0008_tuning")]
    operations = [migrations.RunSQL(CREATE, DROP)]
