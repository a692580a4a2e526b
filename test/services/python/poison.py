"""Produces 600 payloads with librdkafka's client: good ones, temperatures sent in degF, times without a zone, and broken JSON.

Prints the ids of the samples by kind as one JSON object. Knows nothing of Tarn's code.
"""
import argparse
import json

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

parser = argparse.ArgumentParser()
parser.add_argument("--brokers", required=True)
parser.add_argument("--topic", required=True)
options = parser.parse_args()
config = {"bootstrap.servers": options.brokers}
admin = AdminClient(config)
created = admin.create_topics([NewTopic(options.topic, num_partitions=3, replication_factor=1)])
created[options.topic].result()
producer = Producer(config)
ids = {"good": [], "fahrenheit": [], "zoneless": [], "hopeless": []}


def sample(kind, number, **changes):
    name = f"{kind}-{number}"
    ids[kind].append(name)
    return {
        "id": name, "type": "heartRate", "value": 70.0, "unit": "count/min",
        "startDate": "2026-03-01T08:00:00Z", "endDate": "2026-03-01T08:01:00Z",
        "isSynced": True, "createdAt": "2026-03-01T08:02:00Z",
    } | changes


def send(number, samples, **changes):
    payload = {
        "deviceId": "device", "userId": f"user-{number % 7}", "timestamp": "2026-03-01T08:02:00Z",
        "appVersion": "3.4.1", "samples": samples,
    } | changes
    producer.produce(options.topic, json.dumps(payload), partition=number % 3)


for n in range(200):
    send(n, [sample("good", n)])
    # A good sample beside the bad one, which must not land twice.
    send(n, [
        sample("good", 1000 + n),
        sample("fahrenheit", n, type="bodyTemperature", value=95 + n % 10, unit="degF"),
    ])
    if n % 2 == 0:
        send(n, [sample("zoneless", n), sample("zoneless", 1000 + n)], timestamp="2026-03-01T08:02:00")
    elif n % 4 == 1:
        send(n, [sample("zoneless", n), sample("hopeless", n, value=-5.0)], timestamp="2026-03-01T08:02:00")
    else:
        producer.produce(options.topic, '{"userId": "user-1", "samples": [', partition=n % 3)
producer.flush()
print(json.dumps(ids))
