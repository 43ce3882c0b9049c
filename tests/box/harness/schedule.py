"""Groups the tests that one worker of pytest-xdist runs together: those of a file, since they share servers, or of
part of a long file.  The longest groups start first."""

import collections
import re

from xdist.scheduler.loadscope import LoadScopeScheduling

# Tests whose names match are a separate part of their file (several parts, by the group in the pattern); it shares
# nothing slow with the others.
PARTS = {
    "test_26_cgi_spool_first.py": r"test_a_revoked_key",
    "test_30_quickstart.py": r"test_(long_path|an_ordinary_user)",
    "test_41_ws_trouble.py": r"test_(a_client_that_never_reads|300_connections|mesher_send)",
    "test_50_mesherd.py": r"test_(?:the_first_restart|deaf_to_sigterm_dies_after_its)",
    "test_51_tree.py": r"test_(nothing_grows|the_next_answer)",
    "test_70_sdks.py": r"test_\w+\[(go|node)",
    "test_86_doctor.py": r"test_(?:send_test|a_server_that_says_nothing|writer_)",
    "test_90_servers.py": r"test_\w+\[.*?(lighttpd|apache|nginx)",
    "test_92_bundle.py": r"test_(?:it_is_small|it_needs|what_is_made|the_commands_of|a_database_that_wants_tls|in_a_bare)",
}
LONGEST = ("95_", "94_", "30_", "86_", "51_", "92_", "30_quickstart.py::", "71_", "70_", "90_", "52_", "41_", "26_", "16_", "61_", "20_", "27_",
           "65_", "50_", "93_", "32_", "31_", "69_", "54_", "84_", "25_", "63_", "91_", "18_", "13_", "29_")
# Tests that are marked alone: while one waits until all others have ended, no test starts.
LAST = ("26_cgi_spool_first.py::", "50_mesherd.py::", "51_tree.py::the_next_answer")


class Schedule(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        path, _, name = nodeid.partition("::")
        part = re.match(PARTS.get(path.rpartition("/")[2], "$"), name)
        return f"{path}::{part[1] if part.re.groups else 'part'}" if part else path

    def schedule(self):
        lists = list(self.registered_collections.values())
        if self.collection is None and all(names == lists[0] for names in lists):
            for scope in sorted(dict.fromkeys(map(self._split_scope, lists[0])), key=rank):
                self.workqueue[scope] = collections.OrderedDict()
        super().schedule()


def rank(scope):
    name = re.search(r"test_([^/]*\.py.*)", scope)[1]
    if name.startswith(LAST):
        return len(LONGEST) + 1
    found = max((start for start in LONGEST if name.startswith(start)), key=len, default=None)
    return LONGEST.index(found) if found else len(LONGEST)
