"""Goal: the same event_id from a client within a day makes no second row and no second count, gets a 202 with
the same id, and costs a unit."""

import threading
import uuid

import pytest
from harness import client


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def count(stack, made):
    return stack.sql("SELECT event_count FROM issues i JOIN events e ON (e.project_id, e.issue_id) = "
                     "(i.project_id, i.id) WHERE e.id = %s", made)[0][0]


def test_single_twice(stack):
    event = {"message": "twice", "event_id": str(uuid.uuid4()), "fingerprint": str(uuid.uuid4())}
    before, used = stack.rows(), None
    for n in range(3):
        answer = stack.post({**event, "message": f"twice {n}"})
        assert (answer.status, answer.json()) == (202, {"status": "accepted", "id": event["event_id"]})
        assert used is None or stack.used() in (used + 1, 1), "a duplicate costs a unit"
        used = stack.used()
    assert stack.rows() == before + 1
    assert stack.row(event["event_id"], "message") == ("twice 0",)
    assert count(stack, event["event_id"]) == 1


def test_bulk_and_single(stack):
    made = str(uuid.uuid4())
    event = {"message": "both", "event_id": made}
    before = stack.rows()
    results = stack.bulk([{"message": "x"}, event, {"message": "y"}, event]).json()["results"]
    assert results[1] == results[3] == {"id": made}
    assert stack.post(event).json()["id"] == made
    assert stack.bulk([event, event]).json()["results"] == [{"id": made}] * 2
    assert stack.rows() == before + 3
    assert count(stack, made) == 1


def test_other_project_other_event(stack):
    other = stack.ctl_json("project", "add", f"other {uuid.uuid4().hex[:8]}")
    event = {"message": "mine", "event_id": str(uuid.uuid4())}
    assert stack.post(event).status == 202
    assert stack.post(event, key=other["key"]).status == 202
    assert stack.sql("SELECT count(*) FROM events WHERE id = %s", event["event_id"])[0][0] == 2


def test_at_once_from_many(stack):
    event = {"message": "race", "event_id": str(uuid.uuid4())}
    answers = client.at_once(stack.port, [stack.front.post_bytes(event)] * 50)
    assert {a.status for a in answers} == {202}
    assert {a.json()["id"] for a in answers} == {event["event_id"]}
    assert stack.sql("SELECT count(*) FROM events WHERE id = %s", event["event_id"])[0][0] == 1
    assert count(stack, event["event_id"]) == 1


def test_both_modes_at_once(fresh):
    stack = fresh("writer")
    direct = stack.add_front({"writer_socket": ""})
    ids = [str(uuid.uuid4()) for _ in range(100)]
    requests = [stack.front.post_bytes({"message": "both", "event_id": i}) for i in ids]
    answers = []
    threads = [threading.Thread(target=lambda p=p: answers.extend(client.at_once(p, requests)))
               for p in (stack.port, direct.port)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {a.status for a in answers} == {202} and len(answers) == 200
    assert stack.rows() == 100
    assert stack.sql("SELECT sum(event_count) FROM issues")[0][0] == 100


def test_after_a_day_it_is_a_new_one(stack):
    """The ids of the last 24 hours count; an older one is made by moving it back."""
    event = {"message": "old", "event_id": str(uuid.uuid4())}
    assert stack.post(event).status == 202
    stack.sql("UPDATE event_ids SET received_at = received_at - interval '25 hours' WHERE id = %s",
              event["event_id"])
    assert stack.post(event).status == 202
    assert stack.sql("SELECT count(*) FROM events WHERE id = %s", event["event_id"])[0][0] == 2


def test_a_duplicate_of_a_refused_one_is_stored(fresh):
    """An id whose event was refused is not used up."""
    stack = fresh(rate_limit=1)
    event = {"message": "later", "event_id": str(uuid.uuid4())}
    assert stack.post({"message": "first"}).status == 202
    assert stack.post(event).status == 429
    stack.ctl("project", "set", 42, "rate_limit=1000")
    from harness.wait import wait_until
    wait_until(lambda: stack.post(event).status == 202, 5)
    assert stack.row(event["event_id"], "message") == ("later",)
