"""Produces health payloads with librdkafka's client and writes down what a correct loader must make of each.

Knows nothing of Tarn's code: every bad payload is made bad in one known way, and the expectation is written by the same
hand. Output in OUT: rows.jsonl (one accepted sample each), letters.jsonl (one dead letter each), places.jsonl (where the message
of each accepted sample lies), totals.json.
"""
import argparse
import base64
import datetime as dt
import hashlib
import json
import os
import random
import time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
TYPES = {
    "heartRate": ("count/min", 45, 180),
    "stepCount": ("count", 0, 4000),
    "oxygenSaturation": ("%", 90, 100),
    "bodyMass": ("kg", 50, 110),
    "sleepAnalysis": ("min", 0, 600),
    "gripStrength": ("N", 100, 600),
}


def micros(moment):
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def spell(rng, moment):
    """One of the legal spellings of an instant, and the microseconds that it means."""
    style = rng.randrange(6)
    if style == 0:
        whole = moment.replace(microsecond=0)
        return whole.strftime("%Y-%m-%dT%H:%M:%SZ"), micros(whole)
    if style == 1:
        milli = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        return milli.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milli.microsecond // 1000:03d}Z", micros(milli)
    if style == 2:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}{rng.randrange(1000):03d}Z", micros(moment)
    minutes = rng.choice([-480, -210, 60, 330, 540, 765])
    local = moment + dt.timedelta(minutes=minutes)
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02d}{':' if style == 3 else ''}{abs(minutes) % 60:02d}"
    joint = " " if style == 5 else "T"
    return local.strftime(f"%Y-%m-%d{joint}%H:%M:%S.") + f"{local.microsecond:06d}" + zone, micros(moment)


def make_sample(rng, number, first_day, days):
    kind = rng.choice(list(TYPES))
    unit, low, high = TYPES[kind]
    # Mostly in arrival order with a tail of late ones; a few long before 1970.
    day = first_day + dt.timedelta(days=rng.randrange(days))
    start = day + dt.timedelta(microseconds=rng.randrange(86_400_000_000))
    if rng.random() < 0.002:
        start = start.replace(year=1969)
    end = start + dt.timedelta(seconds=rng.randrange(3600))
    value = float(rng.randint(low, high)) if rng.random() < 0.3 else rng.uniform(low, high)
    start_text, start_us = spell(rng, start)
    end_text, end_us = spell(rng, end)
    if end_us < start_us:
        end_text, end_us = start_text, start_us
    created_text, created_us = spell(rng, end + dt.timedelta(minutes=rng.randrange(600)))
    sample = {
        "id": f"s-{number:07d}",
        "type": kind,
        "value": value,
        "unit": unit,
        "startDate": start_text,
        "endDate": end_text,
        "isSynced": rng.random() < 0.5,
        "createdAt": created_text,
    }
    row = {
        "sample_id": sample["id"],
        "data_type": kind,
        "value": value,
        "unit": unit,
        "start_date": start_us,
        "end_date": end_us,
        "created_at": created_us,
        "is_synced": sample["isSynced"],
        "source_bundle": None,
        "metadata": None,
    }
    if rng.random() < 0.6:
        sample["sourceBundle"] = row["source_bundle"] = rng.choice(["com.apple.health", "com.example.ring", "", "健康.アプリ"])
    choice = rng.random()
    if choice < 0.1:
        sample["metadata"] = {}
        row["metadata"] = {}
    elif choice < 0.5:
        sample["metadata"] = {"device": rng.choice(["Watch7,3", "Ring 2", "ヘルス 🩺"]), "__proto__": "plain"}
        row["metadata"] = dict(sample["metadata"])
    elif choice < 0.6:
        sample["metadata"] = None
    if rng.random() < 0.2:
        sample["timezone"] = "Asia/Tokyo"
        sample["timezoneOffset"] = rng.choice([540, 540.0])
        row["metadata"] = {**(row["metadata"] or {}), "timezone": "Asia/Tokyo", "timezoneOffset": "540"}
    if rng.random() < 0.05:
        sample["futureField"] = {"deep": [1, {"er": None}]}
    return sample, row


def spoil_sample(rng, sample):
    """Breaks one rule of a sample; returns the error type and what can still be read of id and type."""
    kind = rng.randrange(8)
    sample_id, data_type = sample["id"], sample["type"]
    if kind == 0:
        sample["value"] = -1
        return "VALIDATION_ERROR", sample_id, data_type
    if kind == 1:
        sample["type"], sample["value"] = "heartRate", 900
        return "VALIDATION_ERROR", sample_id, "heartRate"
    if kind == 2:
        sample["startDate"], sample["endDate"] = "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"
        return "VALIDATION_ERROR", sample_id, data_type
    if kind == 3:
        sample["startDate"] = "2026-02-30T00:00:00Z"
        return "TRANSFORMATION_ERROR", sample_id, data_type
    if kind == 4:
        sample["endDate"] = "2026-03-01T00:00:00"
        return "TRANSFORMATION_ERROR", sample_id, data_type
    if kind == 5:
        del sample["unit"]
        return "TRANSFORMATION_ERROR", sample_id, data_type
    if kind == 6:
        sample["value"] = "72"
        return "TRANSFORMATION_ERROR", sample_id, data_type
    sample["id"] = "  "
    return "VALIDATION_ERROR", "  ", data_type


def spoil_payload(rng, payload):
    """A message that fails as a whole: (bytes or None, error type, raw_payload as stored, user id, device id)."""
    kind = rng.randrange(8)
    text = json.dumps(payload, ensure_ascii=False)
    user, device = payload["userId"], payload["deviceId"]
    if kind == 0:
        cut = text[: len(text) // 2]
        return cut.encode(), "DESERIALIZATION_ERROR", cut, None, None
    if kind == 1:
        return None, "DESERIALIZATION_ERROR", None, None, None
    if kind == 2:
        return b"", "DESERIALIZATION_ERROR", "", None, None
    if kind == 3:
        raw = b"\xff\xfe" + text.encode()
        return raw, "DESERIALIZATION_ERROR", "base64:" + base64.b64encode(raw).decode(), None, None
    if kind == 4:
        return b"[1, 2]", "DESERIALIZATION_ERROR", "[1, 2]", None, None
    if kind == 5:
        raw = b"\x00\x00\x00\x00\x07abc"
        return raw, "DESERIALIZATION_ERROR", "base64:" + base64.b64encode(raw).decode(), None, None
    if kind == 6:
        del payload["appVersion"]
        text = json.dumps(payload, ensure_ascii=False)
        return text.encode(), "TRANSFORMATION_ERROR", text, user, device
    payload["timestamp"] = "yesterday"
    text = json.dumps(payload, ensure_ascii=False)
    return text.encode(), "TRANSFORMATION_ERROR", text, user, device


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--payloads", type=int, default=20_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--users", type=int, default=12)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--bad", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    os.makedirs(options.out, exist_ok=True)

    admin = AdminClient({"bootstrap.servers": options.brokers})
    for future in admin.create_topics([NewTopic(options.topic, options.partitions, 1)]).values():
        future.result(60)
    time.sleep(1)
    failures = []
    placed = {}
    producer = Producer({"bootstrap.servers": options.brokers, "linger.ms": 20, "compression.type": "none"})

    def delivered(number):
        def callback(error, message):
            if error:
                failures.append(str(error))
            placed[number] = (message.partition(), message.offset())
        return callback

    first_day = dt.datetime(2026, 2, 20, tzinfo=UTC)
    rows, letters, numbers, made = [], [], [], 0
    for number in range(options.payloads):
        user = f"user-{rng.randrange(options.users):02d}"
        device = f"00000000-0000-4000-8000-{rng.randrange(100):012d}"
        stamp_text, stamp_us = spell(rng, first_day + dt.timedelta(days=options.days, seconds=number))
        payload = {"deviceId": device, "userId": user, "timestamp": stamp_text, "appVersion": "2.4.1", "samples": []}
        own_rows, own_letters = [], []
        for index in range(rng.choice([0, 1, 1, 2, 3, 4, 5, 8])):
            sample, row = make_sample(rng, made, first_day, options.days)
            made += 1
            row.update(user_id=user, device_id=device, payload_timestamp=stamp_us, app_version="2.4.1")
            if rng.random() < options.bad / 2:
                error_type, sample_id, data_type = spoil_sample(rng, sample)
                own_letters.append(dict(index=index, error_type=error_type, sample_id=sample_id, data_type=data_type, user_id=user, device_id=device))
            else:
                own_rows.append(row)
            payload["samples"].append(sample)
        if rng.random() < options.bad / 2:
            value, error_type, raw, user_id, device_id = spoil_payload(rng, payload)
            own_rows = []
            own_letters = [dict(index=-1, error_type=error_type, sample_id=None, data_type=None, user_id=user_id, device_id=device_id, raw_payload=raw)]
        else:
            for letter in own_letters:
                letter["raw_json"] = {**payload, "samples": [payload["samples"][letter["index"]]]}
            bom = "\ufeff" if rng.random() < 0.01 else ""
            value = (bom + json.dumps(payload, ensure_ascii=rng.random() < 0.5)).encode()
        while True:
            try:
                producer.produce(options.topic, value=value, partition=number % options.partitions, on_delivery=delivered(number))
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
        rows.extend(own_rows)
        numbers.extend(number for _ in own_rows)
        for letter in own_letters:
            letter["number"] = number
        letters.extend(own_letters)
    producer.flush(60)
    if failures:
        raise SystemExit(f"{len(failures)} messages were not acknowledged: {failures[0]}")

    with open(os.path.join(options.out, "rows.jsonl"), "w") as out:
        for row in rows:
            out.write(json.dumps(row) + "\n")
    with open(os.path.join(options.out, "places.jsonl"), "w") as out:
        for row, number in zip(rows, numbers):
            partition, offset = placed[number]
            out.write(json.dumps({"sample_id": row["sample_id"], "partition": partition, "offset": offset}) + "\n")
    with open(os.path.join(options.out, "letters.jsonl"), "w") as out:
        for letter in letters:
            partition, offset = placed[letter.pop("number")]
            key = f"{options.topic}:{partition}:{offset}:{letter['index']}"
            letter.update(kafka_topic=options.topic, kafka_partition=partition, kafka_offset=offset, error_id=hashlib.sha256(key.encode()).hexdigest())
            out.write(json.dumps(letter) + "\n")
    totals = {"messages": options.payloads, "rows": len(rows), "letters": len(letters)}
    with open(os.path.join(options.out, "totals.json"), "w") as out:
        json.dump(totals, out)
    print(json.dumps(totals))


main()
