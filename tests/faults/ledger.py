"""What was sent and what was answered, and whether the database says the same."""

import threading
import time
import uuid

SPACE = uuid.UUID("5f1e9d06-7f0b-4a55-9a63-2c4d7a3f7f11")


class Ledger:
    def __init__(self, seed):
        self.seed, self.lock = seed, threading.Lock()
        self.sent, self.accepted, self.refused = {}, {}, set()  # id: times are monotonic
        self.admitted = []        # of the limited project: (sent, answered)
        self.numbers = 0
        self.last_answer = time.monotonic()
        self.longest = 0.0
        self.wrong = []

    def event(self, word="fault", **more):
        """A numbered event that nobody else has."""
        with self.lock:
            self.numbers += 1
            n = self.numbers
            made = str(uuid.uuid5(SPACE, f"{self.seed}-{n}"))
            self.sent[made] = time.monotonic()
        return {"message": f"{word} {n}", "event_id": made, "fingerprint": f"{word}-{n % 11}", **more}

    def answered(self):
        """An answer came; the time since the last one counts."""
        now = time.monotonic()
        with self.lock:
            self.longest = max(self.longest, now - self.last_answer)
            self.last_answer = now

    def accept(self, event_id):
        self.answered()
        with self.lock:
            self.accepted.setdefault(event_id, time.monotonic())

    def limit_took(self, began):
        with self.lock:
            self.admitted.append((began, time.monotonic()))

    def complain(self, what):
        with self.lock:
            self.wrong.append(what)

    # ---- the reckoning

    def compare(self, stack, limit=None, window=None, forgiven=()):
        """Every 202 is there once, everything there was sent, counters agree; a list of what is wrong.
        forgiven: moments at which a window may have been forgotten."""
        wrong = list(self.wrong)
        stored = [str(r[0]) for r in stack.sql("SELECT id FROM events")]
        self.stored, unique = len(stored), set(stored)
        self.twice = len(stored) - len(unique)
        self.lost = set(self.accepted) - unique
        if self.twice:
            wrong.append(f"{self.twice} stored twice")
        if self.lost:
            wrong.append(f"{len(self.lost)} lost, such as {sorted(self.lost)[:3]}")
        strangers = unique - set(self.sent)
        if strangers:
            wrong.append(f"{len(strangers)} that nobody sent, such as {sorted(strangers)[:3]}")
        for row in stack.sql("SELECT i.project_id, i.id, event_count, (SELECT count(*) FROM events e WHERE "
                             "(e.project_id, e.issue_id) = (i.project_id, i.id)) FROM issues i"):
            if row[2] != row[3]:
                wrong.append(f"issue {row[1]} of project {row[0]} counts {row[2]} and has {row[3]}")
        for project, issue, counted, hours in stack.sql(
                "SELECT i.project_id, i.id, event_count, coalesce((SELECT sum(events) FROM issue_hours h WHERE "
                "(h.project_id, h.issue_id) = (i.project_id, i.id)), 0) FROM issues i"):
            if counted != hours:
                wrong.append(f"issue {issue} of project {project} counts {counted}, and its hours {hours}")
        counted = stack.sql("SELECT coalesce(sum(quantity), 0) FROM outcomes WHERE outcome = 'accepted'")[0][0]
        if counted != self.stored:
            wrong.append(f"outcomes say that {counted} were accepted, and there are {self.stored}")
        if limit:
            wrong += self.windows(limit, window, forgiven)
        return wrong

    def windows(self, limit, window, forgiven):
        """Windows begin when they like, so a stretch of time of n windows' length meets n + 2 of them at most."""
        admitted = sorted(self.admitted)
        for i in range(0, len(admitted), 7):
            begin = admitted[i][0]
            for width in (window, 3 * window, 10 * window):
                inside = [a for a in admitted[i:] if a[1] <= begin + width]
                excused = sum(1 for t in forgiven if begin - window <= t <= begin + width + 1)
                allowed = limit * (int(width / window) + 2 + excused)
                if len(inside) > allowed:
                    return [f"{len(inside)} events in {width} s, and the limit is {limit} in {window} s"]
        return []
