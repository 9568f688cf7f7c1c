import numpy as np
import pytest
from django.db import connection

from webapp.lib import pgcopy


def copied(columns, types):
    with connection.cursor() as cursor:
        body = ", ".join(f"{name} {sql_type}" for name, sql_type in types.items())
        cursor.execute(f"CREATE TEMP TABLE copied ({body}) ON COMMIT DROP")
        names = ", ".join(columns)
        cursor.copy_expert(
            f"COPY copied ({names}) FROM STDIN (FORMAT binary)", pgcopy.binary_rows(columns)
        )
        cursor.execute(f"SELECT {names} FROM copied")
        return cursor.fetchall()


def test_one_row_is_the_bytes_of_the_manual():
    buffer = pgcopy.binary_rows({"a": np.array([258], np.int16), "b": np.array([np.nan])})
    #        signature and flags       2 fields    2 bytes: 258              NULL               the end
    row = b"\x00\x02" + b"\x00\x00\x00\x02\x01\x02" + b"\xff\xff\xff\xff" + b"\xff\xff"
    assert buffer.read() == b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8 + row


@pytest.mark.django_db
def test_values_and_gaps_arrive_as_they_were():
    columns = {
        "big": np.array([1, -(2**40), 3], np.int64),
        "small": np.ma.masked_array(np.array([7, 8, 9], np.int16), mask=[False, True, False]),
        "middle": np.array([2**31 - 1, -5, 0], np.int32),
        "real": np.array([0.5, np.nan, -52.5], np.float32),
        "double": np.array([np.nan, 1e300, 0.1]),
    }
    types = {"big": "bigint", "small": "smallint", "middle": "int", "real": "real"}
    rows = copied(columns, types | {"double": "double precision"})
    assert sorted(rows) == sorted(
        [
            (1, 7, 2**31 - 1, 0.5, None),
            (-(2**40), None, -5, None, 1e300),
            (3, 9, 0, -52.5, 0.1),
        ]
    )


@pytest.mark.django_db
def test_rows_of_many_blocks_all_arrive_and_stay_in_rough_order(monkeypatch):
    monkeypatch.setattr(pgcopy, "BLOCK_ROWS", 4)
    numbers = np.arange(10, dtype=np.int64)
    odd = np.where(numbers % 2, np.nan, 1.0)
    rows = copied({"n": numbers, "x": odd}, {"n": "bigint", "x": "double precision"})
    assert [n for n, _ in rows] == [0, 2, 1, 3, 4, 6, 5, 7, 8, 9]
    assert all((x is None) == bool(n % 2) for n, x in rows)


@pytest.mark.django_db
def test_no_rows_are_no_rows():
    assert copied({"n": np.zeros(0, np.int64)}, {"n": "bigint"}) == []
