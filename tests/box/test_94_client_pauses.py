"""Goal: the crate `sentry` with its default transport, which keeps connections for 90 seconds and does not send again what it
wrote into one that the server was closing, loses nothing behind any web server, however long it pauses.  test_93 has the same
with a client of ours and scaled time."""

import json
import time
import uuid

import pytest
from harness import sdks
from harness.servers import KINDS, Server
from harness.wait import wait_until

pytestmark = [pytest.mark.long, pytest.mark.plain]

# Seconds: below and beyond the defaults of the servers (5, 75), former limits (30), and the client's own.
PAUSES = (0, 10, 35, 60, 80, 100)


class Sender:
    """The program behind one server; ids by pause, and what went wrong."""

    def __init__(self, stack, kind, argv):
        self.server = Server(stack, kind, responders=1).start()
        url = f"http://127.0.0.1:{self.server.port}{self.server.mounts[0]}"
        out = stack.ctl_run("--json", "key", "list", stack.project, env={"MESHER_PUBLIC_URL": url})
        self.live = sdks.Live(argv, json.loads(out.stdout)[0]["dsn"], stack.top / f"{kind}.client")
        self.ids, self.errors = {}, []

    def collect(self, pause):
        try:
            answer = self.live.answer(30)
            assert answer["flushed"], "not sent"
            self.ids[pause] = str(uuid.UUID(answer["id"]))
        except (AssertionError, OSError) as e:
            self.errors.append(f"after {pause} s: {e}")

    def stop(self):
        self.live.kill()
        self.server.stop()


@pytest.fixture(scope="module")
def sent(stacks, tmp_path_factory):
    """Each server has a client, and all of them pause together."""
    argv, _ = sdks.Folder("rust-pool", sdks.cache(tmp_path_factory.mktemp("sdks"))).install()
    stack = stacks(responders=1, conf={"writer_users": "www-data"})
    stack.ctl("maintenance")
    for p in [*stack.spool_dir.rglob("*"), stack.spool_dir, stack.poison_dir, stack.writer_socket]:
        p.chmod(0o777)  # who runs the programs is the server's affair
    senders = {}
    try:
        for kind in KINDS:
            senders[kind] = Sender(stack, kind, argv)
        for pause in PAUSES:
            time.sleep(pause)  # not to be in step: this is what is tried
            for sender in senders.values():
                sender.live.tell(f"say after {pause} s")
            for sender in senders.values():
                sender.collect(pause)
        yield senders
    finally:
        for sender in senders.values():
            sender.stop()


@pytest.mark.timeout(1500)  # the first has the pauses, and compiles
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_in_a_pause(sent, kind, record_property):
    sender = sent[kind]

    def stored():
        rows = sender.server.stack.sql("SELECT id FROM events WHERE id = ANY (%s::uuid[])", list(sender.ids.values()))
        found = {str(r[0]) for r in rows}
        return [p for p in PAUSES if sender.ids.get(p) in found]
    assert not sender.errors
    try:
        wait_until(lambda: stored() == list(PAUSES), 10, "all are stored")
    finally:
        record_property("stored", f"{kind} {len(stored())} of {len(PAUSES)}")
