"""Messages with keys, headers and transactions, for a reader of offsets. Prints what must be seen, in offset order."""
import argparse
import json
import time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

parser = argparse.ArgumentParser()
parser.add_argument("--brokers", required=True)
parser.add_argument("--topic", required=True)
options = parser.parse_args()

admin = AdminClient({"bootstrap.servers": options.brokers})
# Kept for good: the messages' own times are older than a broker keeps by itself.
topic = NewTopic(options.topic, 1, 1, config={"retention.ms": "-1"})
for future in admin.create_topics([topic]).values():
    future.result(60)
time.sleep(1)

seen = []


def keep(error, message, headers=()):
    if error:
        raise SystemExit(str(error))
    key, value = message.key(), message.value()
    seen.append(
        {
            "offset": message.offset(),
            "timestamp": message.timestamp()[1],
            "key": key.decode() if key is not None else None,
            "value": value.decode() if value is not None else None,
            "headers": [[name, value.decode() if value is not None else None] for name, value in headers],
        }
    )


def send(producer, start, count, **more):
    for number in range(start, start + count):
        producer.produce(options.topic, value=f"message {number}".encode(), timestamp=1_767_225_600_000 + number * 1000, **more)


plain = Producer({"bootstrap.servers": options.brokers, "compression.type": "lz4"})
HEADERS = [("trace", b"abc"), ("trace", b"def"), ("empty", None)]
send(plain, 0, 3, key=b"first", headers=HEADERS, on_delivery=lambda error, message: keep(error, message, HEADERS))
plain.produce(options.topic, key=b"gone", value=None, timestamp=1_767_225_603_000, on_delivery=keep)
plain.flush(60)

steady = Producer({"bootstrap.servers": options.brokers, "transactional.id": f"{options.topic}-kept"})
steady.init_transactions(60)
steady.begin_transaction()
send(steady, 4, 3, key=b"kept", on_delivery=keep)
steady.commit_transaction(60)

undone = Producer({"bootstrap.servers": options.brokers, "transactional.id": f"{options.topic}-undone"})
undone.init_transactions(60)
undone.begin_transaction()
send(undone, 100, 5, key=b"undone")
undone.flush(60)
undone.abort_transaction(60)

send(plain, 7, 2, on_delivery=keep)
plain.flush(60)
print(json.dumps(seen))
