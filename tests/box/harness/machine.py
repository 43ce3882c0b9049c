"""A separate machine (machine.sh), and the pages that are tested on it.
A page is Markdown.  A reader types or writes the contents of its ``` blocks, in order:
```sh is run by bash, as root, in the directory of the sources, and must succeed; ```LANGUAGE PATH is written to
the file of that name, which the text before it names; ```cron is a line for crontab -e; ```text and ```json show
output, and are not run.
Indented or other blocks are an error, so that no part of a page stays untested unnoticed."""

import contextlib
import os
import pathlib
import re
import subprocess

from .process import Process
from .wait import wait_until

HERE = pathlib.Path(__file__).parent
TYPED = ("sh", "cron")
SHOWN = ("text", "json", "js", "python", "html")


class Machine:
    def __init__(self, top, source, under=()):
        """top: a directory on a tmpfs, created here.  under: machines that have ended, whose files this one has."""
        self.top = pathlib.Path(top)
        self.top.mkdir()
        lower = ":".join([*(str(m.top / "upper") for m in under), "/"])
        self.process = Process("machine", [HERE / "machine.sh", self.top, lower, source], self.top / "log")
        self.init = None
        wait_until(self.is_up, 60, "systemd runs")
        if os.environ.get("MESHER_GCC"):  # contrib/check's compiler, which has most of Mesher's objects
            self.run(f"ln -sf {os.environ['MESHER_GCC']} /usr/local/bin/gcc")

    def is_up(self):
        assert self.process.alive(), self.process.text()
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, timeout=20,
                               check=False).stdout.split()
        if not found:
            return False
        self.init = int(found[0])
        with contextlib.suppress(OSError):
            if pathlib.Path(f"/proc/{self.init}/comm").read_text().strip() == "systemd":
                return self.run("systemctl is-active tests.target", check=False).returncode == 0
        return False

    def run(self, script, check=True, timeout=240):
        """Runs a script as root on the machine."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.init), "-m", "-n", "-p", "-u", "-i", "-C", "-r", "-w", "env", "-i",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
             "bash", "-euo", "pipefail", "-c", "cd /usr/src/mesher\n" + script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, text=True,
            check=False)
        if check:
            assert done.returncode == 0, f"{script}\n---- exit {done.returncode}\n{done.stdout[-4000:]}"
        return done

    def write(self, path, text):
        self.run(f"mkdir -p {pathlib.PurePath(path).parent}; cat >{path} <<'END_OF_FRAGMENT'\n{text}END_OF_FRAGMENT\n")

    def follow(self, blocks):
        for block in blocks:
            if block.path:
                self.write(block.path, block.text)
            else:
                assert block.language == "sh", block.text
                self.run(block.text)

    def stop(self):
        """Stops the machine and everything that runs on it; its files stay."""
        if self.process.alive():
            self.process.kill()


class Block:
    def __init__(self, language, path, text, before):
        self.language, self.path, self.text = language, path, text
        if path:
            assert path in before, f"{path} is not named before its text"
        else:
            assert language in TYPED or language in SHOWN, f"```{language} has no file:\n{text}"


def blocks(page, section=None):
    """Returns the blocks to test of a page, or of one of its sections."""
    text = pathlib.Path(page).read_text()
    if section:
        text = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.M | re.S).group(1)
    found, end = [], 0
    for m in re.finditer(r"^```(\w*) ?(\S*)\n(.*?)^```$", text, re.M | re.S):
        found.append(Block(*m.groups(), text[end:m.start()]))
        end = m.end()
    assert text.count("\n```") == 2 * len(found), f"{page}: a block that is not understood"
    return [b for b in found if b.path or b.language in TYPED]
