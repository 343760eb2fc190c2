"""A person at a bench, for running the commands that the documents show.

In a folder that holds what the page speaks of: a bench that made the demonstration, its batch, the
first batch of another workshop, a photo, a disk image. What a command would need beside that (a
real disk, a printer, a registry) has a stand-in below, or a reason.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import pytest
from PIL import Image

from bench.exchange.verify import verify_bag
from labels.queue import JobState, PrintQueue
from tests.documented.pages import ROOT, Documented, documented

LIMIT_S = 300
SCREENS = {  # each in a terminal, with the first words it shows
    "./etabli": "Scannez votre badge.",
    "./etabli --demo": "Scannez votre badge.",
    "./etabli train": "Tout est joué : aucun disque n'est touché.",
}
_CONTROL = re.compile(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][0-9A-B]?)")

# Not run, and why.
NOT_RUN = {
    "./etabli hub serve --database": "asks a server of PostgreSQL; test_placing.py has one",
    "etabli hub database": "asks servers of PostgreSQL; test_databases.py has three",
    "uv pip compile": "asks a registry for every version there is",
    "python -m tests.references": "writes into docs/; test_references.py compares what it makes",
}
# Programs that speak to a drive or to the kernel: a test never runs them, whoever reads them.
NEVER = {"nvme", "sg_format", "echo"}
# Words that are added: the command as shown would not end, or not within a test.
ADDED = {
    "etabli hub": ["--listen", "127.0.0.1", "--port", "0", "--quiet"],
    "./etabli hub serve": ["--port", "0", "--intake-port", "0", "--quiet"],
    "./etabli hub serve --carried-port 8475": [
        *("--port", "0", "--intake-port", "0", "--carried-port", "0", "--quiet"),
    ],
    "./etabli test": ["--version"],
    "./etabli test -m long": ["--collect-only", "-q", "tests/unit/launcher"],
    "./etabli test -m vm": ["--collect-only", "-q", "tests/vm/test_nvme.py"],
    "./etabli test tests/unit/wipe": ["--collect-only", "-q"],
    "HYPOTHESIS_PROFILE=thorough ./etabli test tests/properties": ["--collect-only", "-q"],
    "python -m tests.benchmarks.erase": ["--help"],
}
# Servers, and what the last line before they serve holds.
SERVERS = {
    "etabli hub": "https://127.0.0.1:",
    "./etabli hub serve": "http://127.0.0.1:",
    "./etabli hub serve --carried-port 8475": "http://127.0.0.1:",
}
# Exit codes other than 0, and why.
ENDS = {
    "etabli selftest /dev/sda": ({2}, "no drive is tested: the disk is not there"),
    "etabli selftest --long /dev/sda": ({2}, "the same"),
    "etabli keys revoke 3fa1 --after 120 --reason 'clé perdue'": ({2, 3}, "no such bench here"),
    "etabli keys reinstate 3fa1 --reason 'clé retrouvée'": ({2, 3}, "no such bench here"),
    "etabli keys admit --heard '12345 …'": ({2}, "nobody was heard"),
    "etabli keys request --send": ({0, 4}, "4 where no server of a workshop is on the network"),
    "etabli keys join --from-network --heard '67890 …'": ({2, 4}, "the same; or nobody was heard"),
    "etabli label --printers": ({0, 1}, "1 where the network has no printer"),
    "etabli transfer withdraw 0cc8e0a1 --reason 'mauvais atelier'": ({2}, "nothing is on its way"),
    "etabli pack fetch --trust '12345 …'": ({2}, "nobody was heard"),
    "etabli import region.zip --trust '12345 …' --region": ({2}, "the same"),
    "etabli pack accept notes": ({2}, "nothing was published here"),
    "etabli pack show nettoyage --out fiche.pdf": ({2}, "the same"),
    "etabli pack publish notes regles.toml --kind grading --title 'Règles 2026'": (
        {2},
        "the file is not there",
    ),
    "etabli find thinkpad 'bloquée' --limit 50": ({0, 1}, "1 where there is none"),
    "etabli hub restore /media/cle/reseau.zip": ({3}, "there is a record here already"),
    "etabli hub mail test anne@reseau.example": ({4}, "no such mail server"),
    "etabli push https://reseau.example/etabli": ({4}, "nobody has that name"),
    "etabli verify premier-envoi.zip": ({5}, "whole, and nobody here knows the workshop yet"),
}
IN_DOUBT = ("--queue printed", "--queue again", "--queue cancel")  # needs a label in doubt


def _of_the_tree() -> set[str]:
    """What lies in it, without what tools hide: pictures once came into a commit from here."""
    return {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}


class Bench:
    """A person at a bench: who they are, their record, and a folder for each page."""

    def __init__(self, user: int | None) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="etabli-docs-"))
        self.user = user
        (self.base / "home").mkdir()
        self.own()
        for name in ("ours", "theirs"):
            made = self.run(["etabli", "demo", "--out", str(self.base / name)], self.base)
            if user is not None and made.returncode == 4:
                pytest.skip(f"an ordinary user cannot run it here: {made.stderr[-200:]}")
            assert made.returncode == 0, made.stderr
        self.data = self.base / "ours"
        printer = f'printer = "file:{self.base}/printed"\n'
        nadia = '\n[[operators]]\ncode = "NAD"\nname = "Nadia"\n'
        (self.data / "settings.toml").write_text(printer + nadia, "utf-8")
        with contextlib.closing(sqlite3.connect(self.data / "etabli.db")) as database:
            ((self.asset,),) = database.execute("SELECT asset FROM machine").fetchall()

    def folder(self, page: str) -> Path:
        """Where the commands of a page run: everything that it names lies there."""
        folder = self.base / Path(page).stem
        if not folder.exists():
            (folder / "cle").mkdir(parents=True)
            Image.new("RGB", (64, 48), "grey").save(folder / "capot.jpg")
            (folder / "disk.img").write_bytes(b"names" * 400_000)
            shutil.copy(self.data / "attestation.json", folder)
            (folder / "courriel.txt").write_text("mot de passe\n", "utf-8")
            (folder / "courriel.txt").chmod(0o600)
            if page == "docs/coordination.md":
                shutil.copy(self.data / "bag.zip", folder / "envoi.zip")
                for name in ("premier-envoi.zip", "region.zip"):
                    shutil.copy(self.base / "theirs" / "bag.zip", folder / name)
        self.own()
        return folder

    def own(self) -> None:
        if self.user is not None:
            for path in (self.base, *self.base.rglob("*")):
                os.chown(path, self.user, self.user, follow_symlinks=False)

    def environment(self) -> dict[str, str]:
        if self.user is None:
            kept = dict(os.environ)
        else:
            kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
            kept["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        more = {"HOME": str(self.base / "home")} if self.user is not None else {}
        data = getattr(self, "data", self.base / "before")
        return kept | more | {"ETABLI_DATA": str(data), "LANG": "C.UTF-8", "TERM": "linux"}

    def argv(self, words: list[str]) -> list[str]:
        """The words as this person starts them."""
        program = {"etabli": str(ROOT / "etabli"), "./etabli": str(ROOT / "etabli")}
        started = [program.get(words[0], words[0]), *words[1:]]
        if self.user is None:
            return started
        be = [f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        return ["setpriv", *be, *started]

    def run(self, words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        environment = self.environment()
        while "=" in words[0]:
            name, _, value = words[0].partition("=")
            environment, words = environment | {name: value}, words[1:]
        before = _of_the_tree()
        done = subprocess.run(
            self.argv(words),
            cwd=ROOT if words[0] == sys.executable else folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert _of_the_tree() == before, "it wrote into the tree"
        return done

    def stand_in(self, shown: Documented, folder: Path) -> list[str]:
        """The words with what this bench has in the place of what the page speaks of."""
        words = [word for word in shown.words if word != "sudo"]
        words += ADDED.get(shown.text, [])
        if words[0] == "python":
            words[0] = sys.executable
        if "/dev/sdb" in words:
            words[words.index("/dev/sdb") : words.index("/dev/sdb") + 1] = ["--image", "disk.img"]
        replayed = "--replay" in words
        image = folder / "disk.img"
        stands = {
            "/dev/sda": "/dev/no-such-disk",
            "/media/cle": "cle",
            "FOLDER": str(folder / "pictures"),
            "/media/cle/reseau.zip": "cle/reseau.zip",
            "AWC26-020001-H": self.asset,
            "8F3K": self.code(image) if "8F3K" in words else "",
            "…": self.fingerprint(folder / "premier-envoi.zip") if "…" in words else "",
            "my-machine.zip": str(ROOT / "tests/machines/laptop-nvme") if replayed else "",
        }
        meant = [stands.get(word) or word for word in words]
        assert harmless(meant), f"a test runs no command on a device: {shlex.join(meant)}"
        return meant

    def code(self, image: Path) -> str:
        """What a person reads and types to confirm this disk."""
        plan = self.run(
            ["etabli", "erase", "--image", str(image), "--plan-only", "--json"], self.base
        )
        return str(json.loads(plan.stdout)["confirm"])

    @staticmethod
    def fingerprint(batch: Path) -> str:
        """What the other workshop reads aloud."""
        found = verify_bag(batch)
        assert found.who is not None
        return found.who.fingerprint

    def put_in_doubt(self) -> None:
        """A label that was being sent when the power went."""
        queue = PrintQueue(self.data / "print-queue")
        for job in queue.jobs():
            queue.cancel(job.id)
        job = queue.add(
            "doubt",
            b"x",
            destination="file:/dev/null",
            language="ql",
            asset=self.asset,
            created="2026-11-29",
        )
        path = queue.folder / f"{job.number:08d}-{job.id}.{job.state}"
        path.rename(path.with_suffix(f".{JobState.UNKNOWN}"))
        self.own()

    def first_screen(self, words: list[str], folder: Path, first: str) -> None:
        """Start the screens in a terminal of 80 x 24 and wait for their first words."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen(
            self.argv(words),
            cwd=folder,
            env=self.environment(),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        try:
            shown, end = b"", time.monotonic() + LIMIT_S
            while first not in _CONTROL.sub(b"", shown).decode("utf-8", "replace"):
                assert time.monotonic() < end, shown[-800:]
                if select.select([master], [], [], 1.0)[0]:
                    more = os.read(master, 65536)
                    assert more, shown[-800:]
                    shown += more
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
            os.close(master)

    def serve(self, words: list[str], folder: Path, listening: str) -> int:
        """Run a server until it says where it listens, then stop it as a service manager does."""
        process = subprocess.Popen(
            self.argv(words),
            cwd=folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            assert any(listening in line for line in process.stdout)
            process.send_signal(signal.SIGTERM)
            return process.wait(30)
        finally:
            process.kill()
            process.stdout.close()

    def does(self, shown: Documented) -> None:
        """Run a command as shown, with what this bench has; fails where it does not do its work."""
        folder = self.folder(shown.page)
        words = self.stand_in(shown, folder)
        if (first := SCREENS.get(" ".join(shown.words))) is not None:
            self.first_screen(words, folder, first)
            return
        if shown.text in SERVERS:
            assert self.serve(words, folder, SERVERS[shown.text]) == 0
            return
        if shown.text.endswith(IN_DOUBT):
            self.put_in_doubt()
        done = self.run(words, folder)
        expected, _ = ENDS.get(shown.text, ({0}, ""))
        assert done.returncode in expected, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr


def harmless(words: list[str]) -> bool:
    """Whether these words are ours to run: our own programs, and no device of this machine."""
    program = next((word for word in words if "=" not in word), "")
    ours = program in ("etabli", "./etabli", sys.executable)
    return ours and all(
        "/dev/" not in word or word in ("/dev/no-such-disk", "/dev/null") for word in words
    )


def shown() -> list[Documented]:
    """The commands to run."""
    left_out = tuple(NOT_RUN)
    found = [shown for shown in documented() if not shown.text.startswith(left_out)]
    return [shown for shown in found if not NEVER & set(shown.words)]
