"""Debian's real PostgreSQL, started for the tests: a cluster of its own on a socket of its own.

As any administrator's: fsync on, nothing else turned off. It runs as `nobody`, or as who runs the
tests where that is no root, and is gone with the folder.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from bench.records.postgres import lines

_numbers = itertools.count()
MADE = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"


def programs() -> Path | None:
    """Where Debian keeps `initdb`, the newest first; `None` where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].parent if found else None


def _as(user: str) -> dict[str, Any]:
    return {"user": user, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


class Server:
    """One cluster. `url(database)`: where a database of it is."""

    def __init__(self, folder: Path, bin_folder: Path, user: str) -> None:
        self.folder, self.bin, self.user = folder, bin_folder, user
        self.data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", **options: str) -> str:
        more = "".join(f"&{name}={quote(value)}" for name, value in options.items())
        return f"postgresql://{self.user}@/{database}?host={quote(str(self.folder), safe='')}{more}"

    def make(self) -> None:
        """The cluster's files, in a locale that is not ours."""
        made: list[str | Path] = [self.bin / "initdb", "-D", self.data, "-U", self.user]
        made += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        made += ["--no-sync"]  # of the making alone: fsync stays on
        self._run(made)
        self._listen()

    def follow(self, first: Server) -> None:
        """Be a copy of a server that runs, which from now on waits for us before it answers."""
        made: list[str | Path] = [self.bin / "pg_basebackup", "-D", self.data, "-R", "--no-sync"]
        self._run([*made, "-c", "fast", "-U", self.user, "-h", first.folder])
        self._listen()
        self.start()
        with psycopg.connect(first.url(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Take over."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")

    def _run(self, command: Sequence[str | Path]) -> None:
        done = subprocess.run(
            command, cwd="/", capture_output=True, text=True, check=False, **_as(self.user)
        )
        assert done.returncode == 0, done.stderr

    def _listen(self) -> None:
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\n")

    def start(self) -> None:
        """Until it answers."""
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data)],
                cwd="/", stdout=log, stderr=log, **_as(self.user),
            )  # fmt: skip
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: at once, and in order; SIGQUIT: as if the power went."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def pid(self) -> int:
        """Of its first process; 0 while it is stopped."""
        return self._process.pid if self._process else 0

    def database(self, made: str = "") -> str:
        """The URL of an empty database as docs/hub.md makes it, one after the other the same: a
        cluster with many takes long to stop. `made`: a new one, made otherwise."""
        _close_idle()
        name = f"made_{next(_numbers)}" if made else "etabli"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            known = connection.execute("SELECT datname FROM pg_database").fetchall()
            if (name,) not in known:
                connection.execute(f"CREATE DATABASE {name} {made or MADE}".encode())
                return self.url(name)
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS etabli CASCADE")
        return self.url(name)


def _close_idle() -> None:
    """A schema that is to be dropped has no guests."""
    with lines._turn:
        waiting = [line for idle in lines._idle.values() for line in idle]
        lines._idle.clear()
    for line in waiting:
        line.close()


@contextlib.contextmanager
def running(first: Server | None = None) -> Iterator[Server]:
    """A cluster while the block lasts; `first`: as a copy of this one. Skips where this machine has
    no PostgreSQL."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("needs Debian's postgresql")
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="etabli-pg-", dir="/tmp"))  # a socket's path is short
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        server = Server(folder, bin_folder, user)
        try:
            if first is None:
                server.make()
                server.start()
            else:
                server.follow(first)
            yield server
        finally:
            _close_idle()
            server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
