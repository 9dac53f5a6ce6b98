"""Reads Parquet files, those of the arguments, with DuckDB, and prints for each: a line with its types, the number of
its rows, and the rows as lines of JSON."""

import datetime
import decimal
import json
import sys

import duckdb


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, decimal.Decimal):
        return f"{value:.6f}"
    return value


for name in sys.argv[1:]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    rows = connection.execute("SELECT * FROM read_parquet(?)", [name])
    names = [column[0] for column in rows.description]
    types = [str(column[1]) for column in rows.description]
    found = rows.fetchall()
    print(json.dumps({"types": dict(zip(names, types)), "rows": len(found)}))
    for row in found:
        print(json.dumps({key: plain(value) for key, value in zip(names, row)}))
