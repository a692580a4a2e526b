"""Compares the five tables, as PyIceberg reads them, with what produce.py wrote down. Prints one JSON object.

Aggregates are recomputed from the produced rows, never from the tables. File-level facts come from the manifests and from
the Parquet footers as pyarrow sees them.
"""
import argparse
import collections
import json
import os

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.conversions import from_bytes

from aggregates import compare_aggregates
from lake import check, differences, open_catalog, rows_of

parser = argparse.ArgumentParser()
parser.add_argument("--catalog", required=True)
parser.add_argument("--namespace", required=True)
parser.add_argument("--expected", required=True)
parser.add_argument("--s3-endpoint")
parser.add_argument("--files", type=int, default=400, help="how many data files of each table to open")
options = parser.parse_args()
catalog = open_catalog(options.catalog, options.s3_endpoint)


def load(name):
    return catalog.load_table((options.namespace, name))


def lines(name):
    with open(os.path.join(options.expected, name)) as file:
        return [json.loads(line) for line in file]


# --- raw ---
raw = load("health_data_raw")
expected_rows = lines("rows.jsonl")
found_rows = rows_of(raw)
found_by_id = collections.Counter(row["sample_id"] for row in found_rows)
check(len(found_rows) == len(expected_rows), f"raw holds {len(found_rows)} rows, produced {len(expected_rows)}")
check(max(found_by_id.values(), default=0) <= 1, f"twice: {found_by_id.most_common(3)}")
actual = {row["sample_id"]: row for row in found_rows}
for row in expected_rows:
    other = actual.pop(row["sample_id"], None)
    if other is None:
        check(False, f"row {row['sample_id']} is missing")
        continue
    for key, value in row.items():
        check(other[key] == value, f"row {row['sample_id']} {key}: {other[key]!r}, produced {value!r}")
check(not actual, f"rows that nobody produced: {list(actual)[:3]}")

# --- errors ---
errors = load("health_data_errors")
expected_letters = lines("letters.jsonl")
found_letters = {}
for row in rows_of(errors):
    check(row["error_id"] not in found_letters, f"dead letter {row['error_id']} twice")
    found_letters[row["error_id"]] = row
check(len(found_letters) == len(expected_letters), f"errors holds {len(found_letters)} letters, expected {len(expected_letters)}")
for letter in expected_letters:
    other = found_letters.get(letter["error_id"])
    if other is None:
        check(False, f"letter {letter} is missing")
        continue
    for key in ("error_type", "sample_id", "data_type", "user_id", "device_id", "kafka_topic", "kafka_partition", "kafka_offset"):
        check(other[key] == letter[key], f"letter {letter['kafka_partition']}/{letter['kafka_offset']}/{letter['index']} {key}: {other[key]!r}, expected {letter[key]!r}: {other['error_message']}")
    if "raw_json" in letter:
        check(json.loads(other["raw_payload"]) == letter["raw_json"], f"letter {letter['error_id']} payload {other['raw_payload'][:200]}")
    else:
        check(other["raw_payload"] == letter["raw_payload"], f"letter {letter['error_id']} payload {other['raw_payload']!r}, expected {letter['raw_payload']!r}")
    check(bool(other["error_message"]), "empty error_message")

# --- aggregates ---
counts = {"raw": len(found_rows), "errors": len(found_letters)}
counts |= compare_aggregates(catalog, options.namespace, expected_rows)

# --- file-level facts ---
files_checked = 0
for name in ("health_data_raw", "health_data_errors", "health_data_daily_agg", "health_data_weekly_agg", "health_data_monthly_agg"):
    table = load(name)
    schema = table.schema()
    primitive = {field.field_id: field for field in schema.fields if field.field_type.is_primitive}
    tasks = list(table.scan().plan_files())
    paths = collections.Counter(task.file.file_path for task in tasks)
    check(max(paths.values(), default=0) <= 1, f"{name}: a path is live twice")
    check(table.metadata.format_version == 2, f"{name} is v{table.metadata.format_version}")
    for task in tasks[: options.files]:
        file = task.file
        source = table.io.new_input(file.file_path)
        check(len(source) == file.file_size_in_bytes, f"{file.file_path}: length {len(source)}, manifest says {file.file_size_in_bytes}")
        with source.open() as stream:
            parquet = pq.ParquetFile(stream)
            check(parquet.metadata.num_rows == file.record_count, f"{file.file_path}: rows")
            group = parquet.metadata.row_group(0)
            for index in range(group.num_columns):
                check(group.column(index).compression == "SNAPPY", f"{file.file_path}: codec {group.column(index).compression}")
            check(list(file.split_offsets or []) == [parquet.metadata.row_group(g).column(0).dictionary_page_offset or parquet.metadata.row_group(g).column(0).data_page_offset for g in range(parquet.metadata.num_row_groups)], f"{file.file_path}: split offsets {file.split_offsets}")
            arrow_schema = parquet.schema_arrow
            for field in schema.fields:
                stored = arrow_schema.field(field.name)
                check((stored.metadata or {}).get(b"PARQUET:field_id") == str(field.field_id).encode(), f"{file.file_path}: field id of {field.name}")
                check(stored.nullable == (not field.required), f"{file.file_path}: {field.name} nullable {stored.nullable}")
            data = parquet.read()
            for field_id, field in primitive.items():
                column = data[field.name]
                check(file.value_counts[field_id] == len(column), f"{file.file_path}: value count of {field.name}")
                check(file.null_value_counts[field_id] == column.null_count, f"{file.file_path}: null count of {field.name}")
                if field_id not in (file.lower_bounds or {}) or len(column) == column.null_count:
                    continue
                low = from_bytes(field.field_type, file.lower_bounds[field_id])
                high = from_bytes(field.field_type, file.upper_bounds[field_id]) if field_id in file.upper_bounds else None
                if pa.types.is_timestamp(column.type):
                    column = column.cast(pa.int64())
                if pa.types.is_string(column.type):
                    real = sorted(v.encode() for v in column.to_pylist() if v is not None)
                    check(low.encode() <= real[0] and (high is None or real[-1] <= high.encode()), f"{file.file_path}: bounds of {field.name}")
                else:
                    bounds = pc.min_max(column).as_py()
                    check(low <= bounds["min"] and (high is None or bounds["max"] <= high), f"{file.file_path}: bounds of {field.name}")
            for position, part in enumerate(table.spec().fields):
                column_name = schema.find_column_name(part.source_id)
                stored = data[column_name]
                stored = stored.cast(pa.int64()) if pa.types.is_timestamp(stored.type) else stored
                values = set(stored.to_pylist())
                if str(part.transform) == "day":
                    values = {v // 86_400_000_000 for v in values}
                elif str(part.transform).startswith("truncate"):
                    values = {part.transform.transform(table.schema().find_type(part.source_id))(v) for v in values}
                check(values == {file.partition[position]}, f"{file.file_path}: partition {part.name} {file.partition[position]!r}, rows {list(values)[:3]}")
        files_checked += 1

print(json.dumps({"differences": differences, "counts": counts, "files_checked": files_checked}))
raise SystemExit(1 if differences else 0)
