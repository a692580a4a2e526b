"""Another engine at work in the lake: evolves raw's schema and appends rows to it, or compares the aggregates with raw."""
import argparse
import datetime as dt
import json

import pyarrow as pa
from pyiceberg.types import StringType

from aggregates import compare_aggregates
from lake import differences, open_catalog, rows_of

parser = argparse.ArgumentParser()
parser.add_argument("action", choices=["append", "compare"])
parser.add_argument("--catalog", required=True)
parser.add_argument("--namespace", required=True)
parser.add_argument("--s3-endpoint")
parser.add_argument("--rows", type=int, default=500)
options = parser.parse_args()
catalog = open_catalog(options.catalog, options.s3_endpoint)
raw = catalog.load_table((options.namespace, "health_data_raw"))

if options.action == "append":
    with raw.update_schema() as update:
        update.add_column("reviewed_by", StringType(), "Who looked at this sample")
        update.rename_column("source_bundle", "bundle")
    first = dt.datetime(2026, 1, 5)
    rows = []
    for i in range(options.rows):
        start = first + dt.timedelta(hours=7 * i)
        rows.append({
            "device_id": "other-engine", "user_id": f"guest-{i % 3}", "sample_id": f"guest-{i:05d}", "data_type": "heartRate",
            "value": 50.0 + i % 90, "unit": "count/min", "start_date": start, "end_date": start, "bundle": "py", "metadata": [("by", "hand")],
            "is_synced": True, "created_at": start, "payload_timestamp": start, "app_version": "0", "processing_time": start, "reviewed_by": "nobody",
        })
    raw.append(pa.Table.from_pylist(rows, schema=raw.schema().as_arrow()))
    print(json.dumps({"rows": len(rows)}))
else:
    rows = rows_of(raw)
    counts = compare_aggregates(catalog, options.namespace, rows)
    print(json.dumps({"rows": len(rows), "counts": counts, "differences": differences}))
    raise SystemExit(1 if differences else 0)
