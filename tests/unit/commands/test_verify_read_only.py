"""`etabli verify` where nothing can be written: a read-only stick, a folder of somebody else's."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.documents.attestation_pdf import issue_attestation
from bench.exchange.signers import read_signers
from bench.records import joining, log
from bench.records.signed import keys
from tests import forge
from tests.unit.commands.conftest import ROOT
from tests.unit.documents.papers import GOOD, attestation, machine

NOBODY = 65534
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that other users may enter, as pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)


def opened(base: Path) -> tuple[log.Log, keys.Key]:
    home = forge.store_of(base, "home")
    paper = issue_attestation(attestation(machine(GOOD)), home.key)
    (base / "a.json").write_bytes(paper.json)
    return home, keys.load(base / "home" / "keys" / "workshop.key")


def carried(base: Path, *, revoked: bool) -> Path:
    """The database as a stick pulled out has it: the last events in the WAL alone."""
    home, workshop = opened(base)
    home.store.close()  # all of it in the one file
    copy = base / "copy"
    copy.mkdir()
    if revoked:
        home = forge.store_of(base, "home")
        joining.revoke(home, workshop, home.key.id, "1", reason="perdu")
        shutil.copy(base / "home" / "etabli.db-wal", copy)
    shutil.copy(base / "home" / "etabli.db", copy)
    home.store.close()
    for path in copy.iterdir():
        path.chmod(0o444)
    return copy


# An ordinary user may be unable to reach this Python: all is loaded before.
AS_USER = """
import contextlib, io, os, sys
from bench.__main__ import main
user, *words = sys.argv[1:]
with contextlib.redirect_stdout(io.StringIO()):
    main([*words, "--data", "/nonexistent"])
if user:
    os.setgroups([])
    os.setresgid(int(user), int(user), int(user))
    os.setresuid(int(user), int(user), int(user))
sys.exit(main(words))
"""


def verify(base: Path, data: Path, *, user: int | None = None) -> tuple[int, str]:
    words = ["verify", str(base / "a.json"), "--data", str(data)]
    done = subprocess.run(
        [sys.executable, "-c", AS_USER, "" if user is None else str(user), *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


ENDS = {False: (0, "BON"), True: (1, "RÉVOQUÉ")}


@pytest.mark.long
@pytest.mark.parametrize("revoked", [False, True])
def test_in_a_folder_nobody_may_write(base: Path, revoked: bool) -> None:
    data = carried(base, revoked=revoked)
    data.chmod(0o555)
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    user = NOBODY if os.geteuid() == 0 else None
    code, told = verify(base, data, user=user)
    assert code == ENDS[revoked][0] and ENDS[revoked][1] in told, told
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


@pytest.mark.long
@pytest.mark.root
@pytest.mark.parametrize("revoked", [False, True])
def test_on_a_read_only_mount(base: Path, revoked: bool) -> None:
    """A real file system in an image, mounted read-only."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("needs root and mkfs.ext4")
    image, mount = base / "stick.img", base / "stick"
    image.write_bytes(bytes(8 << 20))
    mount.mkdir()
    filled = ["mkfs.ext4", "-q", "-m0", "-d", str(carried(base, revoked=revoked)), str(image)]
    mounted = ["mount", "-o", "loop,ro", str(image), str(mount)]
    for words in (filled, mounted):
        if subprocess.run(words, check=False, capture_output=True).returncode:
            pytest.skip("no loop mount on this machine")
    try:
        assert os.statvfs(mount).f_flag & os.ST_RDONLY
        code, told = verify(base, mount)
        assert code == ENDS[revoked][0] and ENDS[revoked][1] in told, told
    finally:
        subprocess.run(["umount", str(mount)], check=True)


@pytest.mark.long
def test_beside_a_bench_that_is_writing(base: Path) -> None:
    """What another process has just written counts, a revocation too."""
    home, workshop = opened(base)
    with contextlib.closing(home.store):
        assert verify(base, base / "home")[0] == 0
        joining.revoke(home, workshop, home.key.id, "1", reason="perdu")
        assert verify(base, base / "home")[0] == 1


@pytest.mark.long
@pytest.mark.parametrize("spoilt", ["no database", "half a page", "newer", "no tables"])
def test_a_record_that_cannot_be_read_knows_nobody_and_is_said(base: Path, spoilt: str) -> None:
    data = carried(base, revoked=False)
    database = data / "etabli.db"
    database.chmod(0o644)
    if spoilt == "no database":
        database.write_bytes(b"somebody's file" * 1000)
    elif spoilt == "half a page":
        database.write_bytes(database.read_bytes()[:700])
    else:
        change = "PRAGMA user_version = 9999" if spoilt == "newer" else "DROP TABLE trust"
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute(change)
            connection.commit()
    code, told = verify(base, data)
    assert code == 5 and told.startswith("INCONNU") and "illisibles" in told, told


def test_no_record_is_no_trouble(tmp_path: Path) -> None:
    found = read_signers(tmp_path / "nothing" / "etabli.db")
    assert not found.trusted and not found.trouble
