"""A watched folder: what is put there is taken whole or refused with its reason, never lost."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from bench.exchange import receipt
from bench.exchange.importing import Imported
from bench.hub.accounts import database
from bench.hub.watching import Watched
from bench.records.errors import RecordsError
from tests import forge
from tests.unit.hub import processes
from tests.unit.hub.test_commands import etabli
from tests.unit.hub.test_deposit import bag_for, events
from tests.unit.hub.world import World


@pytest.fixture
def share(tmp_path: Path) -> Path:
    (tmp_path / "share").mkdir()
    return tmp_path / "share"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def looked(watch: Watched, times: int = 2) -> None:
    for _ in range(times):
        watch.look()


def test_a_bag_is_taken_with_its_receipt(own: World, tmp_path: Path, share: Path) -> None:
    bag, before, told = bag_for(own, tmp_path), events(own), list[Imported]()
    whole = bag.read_bytes()
    shutil.move(bag, share / "lundi.zip")
    looked(Watched(own.site, share, told.append, 1, 1))
    assert events(own) == before + 6
    assert names(share / "taken") == ["lundi.zip", "lundi.zip.accuse.json"]
    assert (share / "taken" / "lundi.zip").read_bytes() == whole
    bench = forge.store_of(tmp_path, "bench")
    with own.site.log() as hub:
        assert (share / "taken" / "lundi.zip.accuse.json").read_bytes().count(b"receipt") > 0
        assert receipt.read(hub.store, told[0].receipt).events == 6
    bench.store.close()
    assert [one.outcome for one in told] == ["applied"]
    (share / "lundi.zip").write_bytes(whole)
    looked(Watched(own.site, share, None, 1, 1))
    assert names(share / "taken") == [
        "lundi-2.zip",
        "lundi-2.zip.accuse.json",
        "lundi.zip",
        "lundi.zip.accuse.json",
    ]
    assert names(share) == [".en-cours", "taken"] and names(share / ".en-cours") == []


@pytest.mark.parametrize("content", [b"", b"no bag", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_bag_is_refused_with_the_reason(own: World, share: Path, content: bytes) -> None:
    (share / "photo\u202e.jpg").write_bytes(content)
    before = events(own)
    looked(Watched(own.site, share, None, 1, 1))
    assert names(share / "refused") == ["photo\u202e.jpg", "photo\u202e.jpg.txt"]
    said = (share / "refused" / "photo\u202e.jpg.txt").read_text("utf-8")
    assert "refusé" in said and "\u202e" not in said
    assert events(own) == before


def test_what_still_grows_is_left(own: World, tmp_path: Path, share: Path) -> None:
    whole, before = bag_for(own, tmp_path).read_bytes(), events(own)
    watch = Watched(own.site, share, None, 2, 1)
    for cut in range(100, len(whole), len(whole) // 4):
        (share / "b.zip").write_bytes(whole[:cut])
        looked(watch)
    assert names(share) == ["b.zip"] and events(own) == before
    (share / "b.zip").write_bytes(whole)
    looked(watch, 3)
    assert events(own) == before + 6 and names(share / "refused") == []


def test_drafts_links_and_folders_are_not_looked_at(
    own: World, tmp_path: Path, share: Path
) -> None:
    bag = bag_for(own, tmp_path)
    shutil.copy(bag, share / "b.zip.part")
    shutil.copy(bag, share / ".b.zip")
    (share / "link.zip").symlink_to(bag)
    os.mkfifo(share / "pipe.zip")
    (share / "folder.zip").mkdir()
    before, there = events(own), names(share)
    looked(Watched(own.site, share, None, 1, 1), 4)
    assert events(own) == before and names(share) == there
    assert bag.exists()


def test_a_disk_that_fails_loses_nothing(own: World, tmp_path: Path, share: Path) -> None:
    shutil.move(bag_for(own, tmp_path), share / "b.zip")
    record, before = own.site.folder / "etabli.db", events(own)
    good = {path: path.read_bytes() for path in own.site.folder.glob("etabli.db*")}
    watch = Watched(own.site, share, None, 1, 1)
    record.write_bytes(b"no database" * 1000)
    with pytest.raises(RecordsError, match="store_"):
        looked(watch, 3)
    assert names(share / ".en-cours") == ["b.zip"]
    for path, content in good.items():
        path.write_bytes(content)
    looked(Watched(own.site, share, None, 1, 1), 1)  # another start finds it
    assert names(share / "taken")[0] == "b.zip" and events(own) == before + 6
    assert (own.site.folder / database.NAME).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes somebody else's link")
def test_anothers_link_in_the_place_of_our_folders_is_not_followed(
    own: World, tmp_path: Path, share: Path
) -> None:
    (share / "refused").symlink_to(tmp_path)
    os.chown(share / "refused", 65534, 65534, follow_symlinks=False)
    (share / "x.zip").write_bytes(b"no bag")
    there = names(tmp_path)
    with pytest.raises(OSError):
        looked(Watched(own.site, share, None, 1, 1))
    assert names(tmp_path) == there and names(share / ".en-cours") == ["x.zip"]


@pytest.mark.long
def test_by_the_command(own: World, tmp_path: Path, share: Path) -> None:
    refused = etabli(tmp_path / "hub", "hub", "serve", "--watch", str(tmp_path / "nowhere"))
    assert refused.returncode == 2 and "nowhere" in refused.stderr
    shutil.move(bag_for(own, tmp_path), share / "b.zip")
    before = events(own)
    hub = processes.start(own.site.folder, "--watch", str(share))
    try:
        until = time.monotonic() + 60
        while not names(share / "taken"):
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        hub.stop()
    assert events(own) == before + 6
