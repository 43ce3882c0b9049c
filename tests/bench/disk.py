"""disk: what an event costs on disk, in tables, indexes and write-ahead log, and how its columns and indexes share it.

Events as SDKs send them, with ids of their own, 40 issues and 500 users; of 600 bytes, and of 3 KB.  The size of a
relation is that of its files, after CHECKPOINT; the log is full_page_writes and all."""

import json
import uuid

EVENTS, ISSUES, USERS, AT_ONCE = 20000, 40, 500, 100

SIZES = """
SELECT CASE WHEN c.relkind = 'i' THEN 'index  ' ELSE 'table  ' END || regexp_replace(c.relname, '_[0-9]{8}', ''), sum(pg_table_size(c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
WHERE c.relkind IN ('r', 'i') GROUP BY 1 HAVING sum(pg_table_size(c.oid)) > 0 ORDER BY 2 DESC"""


def event(n, size):
    """About that many bytes of JSON."""
    made = {
        "event_id": uuid.uuid4().hex, "timestamp": f"2026-05-01T10:{n // 60 % 60:02}:{n % 60:02}.{n % 1000000:06}Z", "platform": "python",
        "level": "error", "environment": "production", "release": "shop@2.4.1", "server_name": f"web-{n % 4}",
        "transaction": "POST /orders/{id}/pay", "user": {"id": f"u-{n % USERS}"}, "tags": {"region": "eu-1"},
        "sdk": {"name": "sentry.python", "version": "2.19.0"}, "fingerprint": [f"disk {n % ISSUES}"],
        "exception": {"values": [{"type": "TimeoutError", "value": f"payment {n} did not answer", "stacktrace": {"frames": [
            {"filename": "app/pay.py", "function": "pay", "lineno": 17, "in_app": True}]}}]}}
    frames = made["exception"]["values"][0]["stacktrace"]["frames"]
    while len(json.dumps(made, separators=(",", ":"))) < size - 100:
        frames.append({"filename": f"app/step_{len(frames)}.py", "function": f"step_{len(frames)}", "lineno": len(frames) + n % 3,
                       "in_app": True, "context_line": f"    return self.client.fetch(order={len(frames)})"})
    return made


def sizes(bench):
    bench.sql("CHECKPOINT")
    return dict(bench.sql(SIZES))


def measure(bench, size):
    bench.sql("TRUNCATE events, event_ids, issues, issue_hours, issue_users, issue_facets, issue_texts, releases, outcomes")
    before, begin = sizes(bench), bench.sql("SELECT pg_current_wal_lsn()")[0][0]
    sent = 0
    for n in range(0, EVENTS, AT_ONCE):
        events = [event(k, size) for k in range(n, n + AT_ONCE)]
        sent += sum(len(json.dumps(e, separators=(",", ":"))) for e in events)
        answer = bench.fronts["c"].bulk(events)
        assert answer.status == 202, answer
    wal = bench.sql(f"SELECT pg_current_wal_lsn() - '{begin}'")[0][0]
    after = sizes(bench)
    return sent / EVENTS, {k: (v - before.get(k, 0)) / EVENTS for k, v in after.items()}, wal / EVENTS


def run(bench):
    """Prints bytes for each event."""
    for size in (600, 3000):
        sent, parts, wal = measure(bench, size)
        print(f"\ndisk, {EVENTS} events of {sent:.0f} bytes{'':<10}{'bytes':>9}")
        for name, each in parts.items():
            if each >= 0.5:
                print(f"  {name:38}{each:9.0f}")
        print(f"  {'all':38}{sum(parts.values()):9.0f}\n  {'write-ahead log':38}{float(wal):9.0f}", flush=True)
    return []
