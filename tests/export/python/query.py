"""Prints the rows of a query of DuckDB, each as a line of JSON."""

import json
import sys

import duckdb

for row in duckdb.connect().execute(sys.argv[1]).fetchall():
    print(json.dumps(row, default=str))
