"""Daily, weekly and monthly statistics of raw rows in UTC, recomputed from their definition, and their comparison."""
import collections
import datetime as dt
import math

from lake import check, close, rows_of

EPOCH = dt.datetime(1970, 1, 1)


def summarise(members):
    values = [m["value"] for m in members]
    mean = math.fsum(values) / len(values)
    return {
        "min_value": min(values),
        "max_value": max(values),
        "sum_value": math.fsum(values),
        "avg_value": mean,
        "count": len(values),
        "record_count": len(values),
        "stddev_value": math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values)),
    }


def to_micros(day):
    return (dt.datetime(day.year, day.month, day.day) - EPOCH).days * 86_400_000_000


def compare_aggregates(catalog, namespace, rows):
    """Adds every difference between the three aggregate tables and `rows` to the list; returns rows per table."""
    days, weeks, months = collections.defaultdict(list), collections.defaultdict(list), collections.defaultdict(list)
    for row in rows:
        date = (EPOCH + dt.timedelta(microseconds=row["start_date"])).date()
        days[row["user_id"], row["data_type"], date].append(row)
    day_means = {key: summarise(members)["avg_value"] for key, members in days.items()}
    for user, kind, date in days:
        iso = date.isocalendar()
        weeks[user, kind, iso[0], iso[1]].append(date)
        months[user, kind, date.year, date.month].append(date)

    def expected_daily():
        for (user, kind, date), members in days.items():
            in_order = sorted(members, key=lambda m: (m["start_date"], m["sample_id"].encode()))
            yield {
                "user_id": user, "data_type": kind, "aggregation_date": date.isoformat(), "window_start": to_micros(date),
                "window_end": to_micros(date + dt.timedelta(days=1)), **summarise(members),
                "first_value": in_order[0]["value"],
                "last_value": max(members, key=lambda m: (m["start_date"], m["sample_id"].encode()))["value"],
            }

    def merged(user, kind, dates):
        members = [m for date in dates for m in days[user, kind, date]]
        means = [day_means[user, kind, date] for date in dates]
        return {**summarise(members), "daily_avg_of_avg": math.fsum(means) / len(means)}

    def expected_weekly():
        for (user, kind, year, week), dates in weeks.items():
            monday = dt.date.fromisocalendar(year, week, 1)
            yield {
                "user_id": user, "data_type": kind, "year": year, "week_of_year": week, "week_start_date": monday.isoformat(),
                "week_end_date": (monday + dt.timedelta(days=6)).isoformat(), "window_start": to_micros(monday),
                "window_end": to_micros(monday + dt.timedelta(days=7)), **merged(user, kind, dates),
            }

    def expected_monthly():
        for (user, kind, year, month), dates in months.items():
            first = dt.date(year, month, 1)
            following = dt.date(year + month // 12, month % 12 + 1, 1)
            yield {
                "user_id": user, "data_type": kind, "year": year, "month": month, "month_start_date": first.isoformat(),
                "month_end_date": (following - dt.timedelta(days=1)).isoformat(), "window_start": to_micros(first),
                "window_end": to_micros(following), **merged(user, kind, dates),
            }

    counts = {}
    for name, keys, expected in (
        ("health_data_daily_agg", ("user_id", "data_type", "aggregation_date"), expected_daily()),
        ("health_data_weekly_agg", ("user_id", "data_type", "year", "week_of_year"), expected_weekly()),
        ("health_data_monthly_agg", ("user_id", "data_type", "year", "month"), expected_monthly()),
    ):
        found = {}
        for row in rows_of(catalog.load_table((namespace, name))):
            key = tuple(row[k] for k in keys)
            check(key not in found, f"{name} {key} twice")
            found[key] = row
        counts[name] = len(found)
        for row in expected:
            key = tuple(row[k] for k in keys)
            other = found.pop(key, None)
            if other is None:
                check(False, f"{name} {key} is missing")
                continue
            for column, value in row.items():
                same = close(other[column], value) if isinstance(value, float) else other[column] == value
                check(same, f"{name} {key} {column}: {other[column]!r}, expected {value!r}")
        check(not found, f"{name} has rows nobody asked for: {list(found)[:3]}")
    return counts
