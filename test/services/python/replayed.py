"""What a replay left in the lake, as PyIceberg reads it. Prints one JSON object."""
import argparse
import collections
import json

from lake import check, differences, open_catalog, rows_of

parser = argparse.ArgumentParser()
parser.add_argument("--catalog", required=True)
parser.add_argument("--namespace", required=True)
parser.add_argument("--s3-endpoint")
options = parser.parse_args()
catalog = open_catalog(options.catalog, options.s3_endpoint)


def load(name):
    return catalog.load_table((options.namespace, name))


raw, errors, marks = load("health_data_raw"), load("health_data_errors"), load("health_data_replays")
raw_rows, error_rows, mark_rows = rows_of(raw), rows_of(errors), rows_of(marks)

error_ids = collections.Counter(row["error_id"] for row in error_rows)
check(max(error_ids.values()) == 1, f"dead letters twice: {error_ids.most_common(2)}")
landed = collections.Counter(row["error_id"] for row in mark_rows if row["state"] == "landed")
check(max(landed.values(), default=0) <= 1, f"landed twice: {landed.most_common(2)}")
snapshots = {s.snapshot_id: s for s in raw.metadata.snapshots}
by_snapshot = collections.Counter()
for row in mark_rows:
    if row["error_id"] is not None:
        check(row["error_id"] in error_ids, f"a mark for {row['error_id']}, which is no dead letter")
        check(row["first_error_id"] in error_ids, f"{row['error_id']} goes back to nothing")
    if row["state"] == "landed":
        by_snapshot[row["snapshot_id"]] += row["row_count"]
for snapshot_id, rows in by_snapshot.items():
    summary = snapshots[snapshot_id].summary
    check(summary["tarn.replay.rows"] == str(rows), f"{snapshot_id}: {summary['tarn.replay.rows']} rows, marks say {rows}")
    check(summary["added-records"] == str(rows), f"{snapshot_id} added {summary['added-records']}, marks say {rows}")
    check(summary["tarn.kafka.offsets"] is None, "a replay moved positions")
print(json.dumps({
    "differences": differences,
    "ids": sorted(row["sample_id"] for row in raw_rows),
    "temperatures": sorted({(row["unit"], round(row["value"], 6)) for row in raw_rows if row["data_type"] == "bodyTemperature"}),
    "marks": collections.Counter(row["state"] for row in mark_rows),
    "letters": collections.Counter(row["error_type"] for row in error_rows),
}))
