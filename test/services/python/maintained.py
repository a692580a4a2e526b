"""Another engine beside maintenance: appends small files to raw, deletes rows of it, or tells what it reads of a table."""
import argparse
import datetime as dt
import hashlib
import json

import pyarrow as pa
from pyiceberg.expressions import EqualTo

from lake import open_catalog, rows_of

parser = argparse.ArgumentParser()
parser.add_argument("action", choices=["append", "delete", "read"])
parser.add_argument("--catalog", required=True)
parser.add_argument("--namespace", required=True)
parser.add_argument("--table", default="health_data_raw")
parser.add_argument("--s3-endpoint")
options = parser.parse_args()
table = open_catalog(options.catalog, options.s3_endpoint).load_table((options.namespace, options.table))

if options.action == "append":
    for commit in range(5):
        rows = []
        for day in range(3):
            at = dt.datetime(2026, 1, 5 + day, commit)
            rows.append({
                "device_id": "other-engine", "user_id": "guest", "sample_id": f"guest-{commit}-{day}", "data_type": "heartRate",
                "value": 60.0 + commit, "unit": "count/min", "start_date": at, "end_date": at, "source_bundle": None,
                "metadata": [("by", "hand")] if commit else None, "is_synced": True, "created_at": at, "payload_timestamp": at,
                "app_version": "0", "processing_time": at,
            })
        table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))
elif options.action == "delete":
    table.delete(EqualTo("sample_id", "guest-2-1"))
else:
    rows = sorted(json.dumps(row, sort_keys=True) for row in rows_of(table))
    print(json.dumps({
        "rows": len(rows),
        "digest": hashlib.sha256("\n".join(rows).encode()).hexdigest(),
        "files": len(table.inspect.files()),
        "manifests": len(table.inspect.manifests()),
        "snapshots": len(table.snapshots()),
        "operation": table.current_snapshot().summary.operation.value,
        "properties": {k: v for k, v in table.properties.items() if k.startswith("tarn.")},
    }))
