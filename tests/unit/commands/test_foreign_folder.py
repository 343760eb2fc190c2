"""Root at work in a data folder of another user, who has planted a link at every name."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Etabli

OTHER = 12345
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder to another user")
FOLDERS = (
    "jobs", "jobs/.locks", "keys", "documents", "backups", "bags", "bags/in", "incoming",
    "quarantine", "outgoing", "labels", "uploads",
)  # fmt: skip
FILES = (
    "etabli.db", "etabli.db-wal", "etabli.db-shm", "etabli.db-journal", "keys/bench.key",
    "keys/bench.key.new", "keys/.bench.key.new", "keys/workshop.key", "visit.json",
    "visit.json.new",
    ".visit.json.new", ".restore.db", "backups/etabli-backup-keys", "labels/lock",
)  # fmt: skip
# The others are of the same kind, and run with the long ones.
ALWAYS = ("jobs", "documents", "etabli.db", "keys/bench.key")


def plant(path: Path, target: Path) -> None:
    """The other user's link, in a folder of theirs."""
    missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        os.chown(folder, OTHER, OTHER)
    path.symlink_to(target)
    os.lchown(path, OTHER, OTHER)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "file").write_bytes(b"")  # empty: SQLite would take it for a database
    return tmp_path / "victim"


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "target"),
    [
        pytest.param(name, to, marks=[] if name in ALWAYS else [pytest.mark.long])
        for name in (*FOLDERS, *FILES)
        for to in (["."] if name in FOLDERS else ["file", "new"])
    ],
)
def test_no_link_is_followed(
    inside: Etabli, data: Path, victim: Path, name: str, target: str
) -> None:
    data.mkdir()
    os.chown(data, OTHER, OTHER)
    plant(data / name, victim / target)
    image, bag = data.parent / "disk.img", data.parent / "bag.zip"
    image.write_bytes(b"x" * (1 << 20))
    bag.write_bytes(b"no bag")
    plan = json.loads(inside("erase", "--image", image, "--plan-only", "--json").stdout)
    words = ("--confirm", plan["confirm"], "--asset", "RC26-010001-7")
    said = [
        inside(*command)
        for command in (
            ("review",),
            ("erase", "--image", image, *words),
            ("certificate", "RC26-010001-7"),
            ("certificate", "--kind", "codes"),
            ("import", bag),
            ("push", "http://127.0.0.1:9"),
            ("restore", "--save", data / "backups"),
        )
    ]
    assert all("Traceback" not in done.stderr for done in said)
    assert [path.name for path in victim.iterdir()] == ["file"]
    assert (victim / "file").read_bytes() == b""


@pytest.mark.long
def test_whose_folder_it_is_is_said(etabli: Etabli, data: Path, tmp_path: Path) -> None:
    data.mkdir()
    os.chown(data, OTHER, OTHER)
    assert "appartient" in etabli("review").stderr
    shutil.rmtree(data)
    assert "appartient" not in etabli("review").stderr
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "etabli.db").stat().st_mode & 0o777 == 0o600
    (data / "etabli.db").chmod(0o644)
    data.chmod(0o755)
    etabli("review")
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "etabli.db").stat().st_mode & 0o777 == 0o600
