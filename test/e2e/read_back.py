"""Reads an exported file with DuckDB and compares it, row by row, with the statement run over PyIceberg's rows."""

import json
import sys

import duckdb
import pyarrow.parquet
from oracle import naive
from pyiceberg.table import StaticTable


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, location in asked["tables"].items():
        connection.register("rows", naive(StaticTable.from_metadata(location).scan().to_arrow()))
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM rows')
    path = asked["path"]
    reader = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet"}[path.rsplit(".", 1)[1]]
    connection.execute(f"CREATE TABLE expected AS {asked['sql']}")
    names = [row[0] for row in connection.execute("DESCRIBE expected").fetchall()]
    types = [row[1] for row in connection.execute("DESCRIBE expected").fetchall()]
    extra = ""
    if reader == "read_csv":
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in zip(names, types))
        extra = f", columns = {{{columns}}}, header = true"
    if reader == "read_json":
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in zip(names, types))
        extra = f", columns = {{{columns}}}, format = 'newline_delimited'"
    connection.execute(f"CREATE TABLE found AS SELECT * FROM {reader}('{path}'{extra})")
    count = lambda sql: connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()[0]
    print(
        json.dumps(
            {
                "rows": count("FROM found"),
                "missing": count("FROM expected EXCEPT ALL FROM found"),
                "more": count("FROM found EXCEPT ALL FROM expected"),
                "types": [row[1].replace('"', "") for row in connection.execute("DESCRIBE found").fetchall()],
                "groups": pyarrow.parquet.ParquetFile(path).num_row_groups if reader == "read_parquet" else None,
            }
        )
    )


main()
