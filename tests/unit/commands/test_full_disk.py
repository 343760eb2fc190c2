"""A disk of our own that is full is said to be full, and no bag is blamed for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.exchange.importing import import_bags
from bench.records.errors import RecordsError
from bench.records.sql.failing import NO_ROOM, disk_error
from tests import forge
from tests.unit.exchange.parties import visit


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes, in memory."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    filler = place / "filler"
    with pytest.raises(OSError), filler.open("wb", 0) as file:
        while True:
            file.write(os.urandom(4096))
    return filler


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """A good bag, larger than what a full disk may have left."""
    from bench.exchange.bag import export_bag
    from bench.records import attachments

    sender = forge.store_of(tmp_path, "sender")
    visit(sender, "A1")
    with sender.store.transaction():
        attachments.attach(sender.store, os.urandom(200_000))
    export_bag(sender, tmp_path / "bag.zip")
    sender.store.close()
    return tmp_path / "bag.zip"


@pytest.mark.root
def test_a_good_bag_is_not_blamed_for_our_full_disk(
    small: Path, bag: Path, inside: Any, tmp_path: Path
) -> None:
    data = small / "data"
    assert inside("--data", data, "export", "--out", tmp_path / "first.zip").returncode == 0
    filler = fill(small)
    for words in (["import", bag], ["import", "--preview", bag]):
        said = inside("--data", data, *words)
        assert said.returncode == 4, said
        assert "disque est plein" in said.stderr and "REFUSÉ" not in said.stdout, said
    assert not list((data / "incoming").glob("*"))
    filler.unlink()
    after = inside("--data", data, "import", "--preview", bag)
    assert "plein" not in after.stdout + after.stderr


def test_each_way_a_disk_fails_is_our_own_and_no_bags(tmp_path: Path) -> None:
    for number in (*NO_ROOM, 5, 13, 30):
        error = disk_error(OSError(number, os.strerror(number)), tmp_path)
        assert error.code.startswith("store_")  # which no import takes for a fault of the bag
        assert (error.code == "store_full") is (number in NO_ROOM)


def test_what_became_of_a_refused_bag_is_what_is_said(inside: Any, data: Path, bag: Path) -> None:
    """Set aside only where it was; and a file that cannot be read is no refusal."""
    altered = bag.with_name("altered.zip")
    altered.write_bytes(bag.read_bytes()[:-1] + b"!")
    seen = inside("import", "--preview", altered)
    assert seen.returncode == 1 and "REFUSÉ" in seen.stdout and "côté" not in seen.stdout
    assert not (data / "quarantine").exists()
    taken = inside("import", altered)
    assert taken.returncode == 1 and "mis de côté" in taken.stdout
    assert list((data / "quarantine").glob("*.zip"))
    linked = bag.with_name("linked.zip")
    linked.symlink_to(bag)  # is not followed, so not read
    unread = inside("import", linked)
    assert unread.returncode == 4 and "pas lu" in unread.stdout and "REFUSÉ" not in unread.stdout


@pytest.mark.root
def test_a_full_disk_stops_the_others_too(small: Path, bag: Path) -> None:
    """Of several bags none is called refused: after a full disk nobody knows."""
    log = forge.store_of(small, "here")
    fill(small)
    with pytest.raises(RecordsError, match="store_full"):
        import_bags(log, [bag, bag])
    log.store.close()
