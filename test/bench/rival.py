"""A plain loader of the same topic: librdkafka, orjson, pyarrow, one PyIceberg append per 100,000 rows. No validation, no
resume, no dead letters. Settings come from the same environment variables as Tarn's."""
import datetime as dt
import os

import orjson
import pyarrow as pa
from confluent_kafka import Consumer, TopicPartition
from pyiceberg.catalog import load_catalog

env = os.environ
catalog = load_catalog("lake", type="rest", uri=env["ICEBERG_CATALOG_URI"], **{
    "s3.endpoint": env["S3_ENDPOINT"], "s3.access-key-id": env["S3_ACCESS_KEY"], "s3.secret-access-key": env["S3_SECRET_KEY"],
    "s3.path-style-access": "true", "s3.region": "us-east-1",
})
table = catalog.load_table((env["ICEBERG_DATABASE"], "health_data_raw"))
schema = table.schema().as_arrow()
consumer = Consumer({"bootstrap.servers": env["KAFKA_BROKERS"], "group.id": "rival", "enable.auto.commit": False})
topic = env["KAFKA_TOPIC"]
partitions = list(consumer.list_topics(topic, 10).topics[topic].partitions)
ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), 10)[1] for p in partitions}
consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
left = sum(ends.values())
rows = []
parse = dt.datetime.fromisoformat


def naive(text):
    return parse(text).replace(tzinfo=None)


def flush():
    if rows:
        table.append(pa.Table.from_pylist(rows, schema=schema))
        rows.clear()


while left > 0:
    for message in consumer.consume(2000, 1.0):
        left -= 1
        payload = orjson.loads(message.value())
        now = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
        sent = naive(payload["timestamp"])
        for s in payload["samples"]:
            rows.append({
                "device_id": payload["deviceId"], "user_id": payload["userId"], "sample_id": s["id"], "data_type": s["type"],
                "value": s["value"], "unit": s["unit"], "start_date": naive(s["startDate"]), "end_date": naive(s["endDate"]),
                "source_bundle": s.get("sourceBundle"), "metadata": list(s["metadata"].items()) if s.get("metadata") else None,
                "is_synced": s["isSynced"], "created_at": naive(s["createdAt"]), "payload_timestamp": sent,
                "app_version": payload["appVersion"], "processing_time": now,
            })
    if len(rows) >= 100_000:
        flush()
flush()
