"""What the scripts share: the catalog as PyIceberg sees it, rows as dictionaries, and a list of differences."""
import math

import pyarrow as pa
from pyiceberg.catalog import load_catalog

differences = []


def check(condition, message):
    if not condition and len(differences) < 50:
        differences.append(message)


def open_catalog(uri, s3_endpoint=None):
    properties = {"uri": uri, "type": "rest"}
    if s3_endpoint:
        properties |= {
            "s3.endpoint": s3_endpoint,
            "s3.access-key-id": "minioadmin",
            "s3.secret-access-key": "minioadmin",
            "s3.path-style-access": "true",
            "s3.region": "us-east-1",
        }
    return load_catalog("lake", **properties)


def rows_of(table):
    """All rows as dictionaries; timestamps as microseconds, maps as dictionaries."""
    arrow = table.scan().to_arrow()
    columns = {}
    for field in arrow.schema:
        column = arrow[field.name]
        if pa.types.is_timestamp(field.type):
            check(field.type.unit == "us" and field.type.tz is None, f"{field.name} is {field.type}")
            column = column.cast(pa.int64())
        values = column.to_pylist()
        if pa.types.is_map(field.type):
            values = [None if v is None else dict(v) for v in values]
        columns[field.name] = values
    return [dict(zip(columns, row)) for row in zip(*columns.values())] if columns else []


def close(a, b):
    return a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9))
