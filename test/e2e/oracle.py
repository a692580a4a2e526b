"""Answers of an independent engine: DuckDB over the rows that PyIceberg reads from the same snapshots.

Input (a file): {"tables": {name: metadata location}, "queries": [sql]}. Output: a JSON list, per query a list of rows, each
a list of cells as JSON text, or {"error": text}.
"""

import datetime
import decimal
import json
import math
import sys

import duckdb
import pyarrow
from pyiceberg.table import StaticTable


def stamp(value):
    text = value.strftime("%Y-%m-%d %H:%M:%S") if value.year >= 1000 else value.isoformat(sep=" ")[:19]
    return text + (f".{value.microsecond:06d}".rstrip("0") if value.microsecond else "")


def plain(value):
    """A value as the app's JSON has it; 64-bit integers keep their digits."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else ("NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity")
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else str(value)
    if isinstance(value, datetime.datetime):
        return stamp(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def naive(table):
    """Instants without a zone, as the app has them: UTC."""
    fields = []
    for field in table.schema:
        zoned = pyarrow.types.is_timestamp(field.type) and field.type.tz is not None
        fields.append(pyarrow.field(field.name, pyarrow.timestamp("us") if zoned else field.type))
    return table.cast(pyarrow.schema(fields))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, location in asked["tables"].items():
        # `name@snapshot` is the table as it stood then.
        snapshot = int(name.split("@")[1]) if "@" in name else None
        rows = naive(StaticTable.from_metadata(location).scan(snapshot_id=snapshot).to_arrow())
        connection.register("rows", rows)
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM rows')
        connection.unregister("rows")
    answers = []
    for sql in asked["queries"]:
        try:
            rows = connection.execute(sql).fetchall()
            answers.append([[json.dumps(plain(cell), ensure_ascii=False, separators=(",", ":")) for cell in row] for row in rows])
        except Exception as error:
            answers.append({"error": str(error)})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
