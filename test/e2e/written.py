"""Writes tables with PyIceberg into a local warehouse: schemas, partitions and rows change between the commits.

Arguments: the warehouse folder. Output: {name: metadata location} as JSON.
"""

import datetime
import decimal
import json
import sys

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, MonthTransform, TruncateTransform
from pyiceberg.types import (
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
)

SCHEMA = Schema(
    NestedField(1, "id", IntegerType(), required=False),
    NestedField(2, "name", StringType(), required=False),
    NestedField(3, "stamp", TimestampType(), required=False),
    NestedField(4, "ratio", FloatType(), required=False),
    NestedField(5, "price", DecimalType(9, 2), required=False),
    NestedField(6, "day", DateType(), required=False),
    NestedField(
        7,
        "place",
        StructType(
            NestedField(8, "city", StringType(), required=False),
            NestedField(9, "codes", ListType(10, IntegerType(), element_required=False), required=False),
        ),
        required=False,
    ),
    NestedField(11, "tags", MapType(12, StringType(), 13, LongType(), value_required=False), required=False),
)


def rows(table, first, count, renamed=False):
    found = []
    for n in range(first, first + count):
        row = {
            "id": n,
            ("title" if renamed else "name"): None if n % 7 == 0 else f"name {n % 10}",
            "stamp": datetime.datetime(1969, 12, 25) + datetime.timedelta(days=n % 20, microseconds=n),
            "ratio": n / 4,
            "price": None if n % 5 == 0 else decimal.Decimal(n) / 100,
            "day": datetime.date(1969, 12, 25) + datetime.timedelta(days=n % 40),
            "place": None if n % 6 == 0 else {"city": f"city {n % 3}", "codes": [n, None]},
            "tags": [] if n % 4 == 0 else [("a", n), ("b", None)],
        }
        if renamed:
            row["extra"] = n * 2
            if row["place"] is not None:
                row["place"]["country"] = "NL"
        found.append(row)
    return pa.Table.from_pylist(found, schema=table.schema().as_arrow())


def main():
    warehouse = sys.argv[1]
    catalog = SqlCatalog("local", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")
    catalog.create_namespace("health_db")
    table = catalog.create_table(
        "health_db.evolved",
        SCHEMA,
        partition_spec=PartitionSpec(PartitionField(source_id=3, field_id=1000, transform=DayTransform(), name="stamp_day")),
    )
    table.append(rows(table, 0, 60))
    with table.update_schema() as update:
        update.rename_column("name", "title")
        update.update_column("id", field_type=LongType())
        update.update_column("price", field_type=DecimalType(18, 2))
        update.add_column("extra", LongType())
        update.add_column(("place", "country"), StringType())
    table.append(rows(table, 60, 40, renamed=True))
    with table.update_spec() as update:
        update.remove_field("stamp_day")
        update.add_field("stamp", MonthTransform(), "stamp_month")
        update.add_field("title", TruncateTransform(6), "title_cut")
        update.add_field("id", BucketTransform(4), "id_bucket")
    table.append(rows(table, 100, 50, renamed=True))
    table.delete("id >= 30 and id < 45")
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.delete_column("ratio")
    with table.update_spec() as update:
        update.add_field("day", IdentityTransform(), "day_itself")
    table.append(rows(table, 150, 30, renamed=True))
    print(json.dumps({"evolved": table.metadata_location, "snapshots": [str(s.snapshot_id) for s in table.metadata.snapshots]}))


main()
