"""The positions table, partitioned by match: one match's rows lie together, and deleting one touches one partition."""

from django.db import migrations

N_PARTITIONS = 16

CREATE = """
CREATE SEQUENCE analytics_playerposition_id_seq AS bigint;
CREATE TABLE analytics_playerposition (
    match_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('analytics_playerposition_id_seq'),
    run_id bigint NOT NULL,
    video_id bigint NOT NULL,
    time_ms bigint NOT NULL,
    frame bigint NOT NULL,
    track_id integer NOT NULL,
    team smallint NOT NULL,
    role smallint NOT NULL,
    source smallint NOT NULL,
    x_m real, y_m real, sigma_m real,
    score real NOT NULL,
    colour_rgb integer,
    x0 real, y0 real, x1 real, y1 real,
    PRIMARY KEY (match_id, id)
) PARTITION BY HASH (match_id);
CREATE INDEX position_by_time ON analytics_playerposition (run_id, video_id, time_ms);
""" + "".join(
    f"CREATE TABLE analytics_playerposition_{i} PARTITION OF analytics_playerposition "
    f"FOR VALUES WITH (MODULUS {N_PARTITIONS}, REMAINDER {i});\n"
    for i in range(N_PARTITIONS)
)

DROP = "DROP TABLE analytics_playerposition; DROP SEQUENCE analytics_playerposition_id_seq;"


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
