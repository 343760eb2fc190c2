"""What a bench finds on a stick under its own name: read there, said, written again.

A full stick keeps nothing hidden; one that loses what it is given is found out at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.exchange.archive_writer import Writer
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.own_bag import OwnBag
from bench.exchange.sync import FOLDER, sync
from bench.exchange.verify import verify_bag
from bench.records import attachments, log
from bench.records.copies import backup
from bench.records.errors import RecordsError
from tests import forge
from tests.unit.exchange.parties import partner, visit


@pytest.fixture
def shop(tmp_path: Path, bench: log.Log) -> log.Log:
    return partner(tmp_path, "shop", bench)


def stick(folder: Path, name: str = "stick") -> Path:
    made = folder / name
    made.mkdir()
    return made


def own(bench: log.Log, place: Path) -> Path:
    return place / FOLDER / f"{bench.key.id[:16]}.zip"


def events_in(path: Path) -> int:
    found = verify_bag(path)
    assert found.whole and found.what, found.findings
    return found.what.events


def hidden(place: Path) -> list[str]:
    return sorted(path.name for path in place.rglob(".*"))


def test_each_stick_is_looked_at_by_itself(bench: log.Log, tmp_path: Path) -> None:
    first, second = stick(tmp_path, "first"), stick(tmp_path, "second")
    for place in (first, second):
        assert sync(bench, place).left
    visit(bench, "A2")
    for place in (first, second):
        left = sync(bench, place).left
        assert left and events_in(own(bench, place)) == left.events == bench.store.count()
        assert sync(bench, place).left is None


def test_a_stick_put_back_to_what_it_was_is_written_again(bench: log.Log, tmp_path: Path) -> None:
    place = stick(tmp_path)
    sync(bench, place)
    old = own(bench, place).read_bytes()
    visit(bench, "A2")
    sync(bench, place)
    own(bench, place).write_bytes(old)
    assert sync(bench, place).left
    assert events_in(own(bench, place)) == bench.store.count()


@pytest.mark.parametrize("cut", [0, 1, 700])
def test_a_damaged_bag_of_ours_is_said_and_written_again(
    bench: log.Log, tmp_path: Path, cut: int
) -> None:
    place = stick(tmp_path)
    sync(bench, place)
    whole = own(bench, place).read_bytes()
    own(bench, place).write_bytes(whole[:cut] if cut else whole[:-1])
    done = sync(bench, place)
    assert (done.own, done.ok) == (OwnBag.DAMAGED, False)
    assert done.left and events_in(own(bench, place)) == bench.store.count()
    assert sync(bench, place).ok


def test_a_bag_of_another_bench_under_our_name_is_taken_and_ours_is_written(
    bench: log.Log, shop: log.Log, tmp_path: Path
) -> None:
    place = stick(tmp_path)
    visit(shop, "S1")
    sync(bench, place)
    own(bench, place).unlink()
    export_bag(shop, own(bench, place))
    done = sync(bench, place)
    assert (done.own, done.ok, done.bags[0].added) == (OwnBag.FOREIGN, False, shop.store.count())
    assert verify_bag(own(bench, place)).who.bench == bench.key.id  # type: ignore[union-attr]


def test_our_own_newer_events_come_home_from_the_only_stick(bench: log.Log, tmp_path: Path) -> None:
    """Nobody else has them: writing over the bag would lose them, going on would fork."""
    place = stick(tmp_path)
    backup.save(bench, tmp_path / "night")
    visit(bench, "A2")
    sync(bench, place)
    state, count = bench.store.state_hash(), bench.store.count()
    bench.store.close()
    backup.restore(tmp_path / "night", tmp_path / "new", moment="m")
    again = log.open_bench(tmp_path / "new", forge.Clock(), forge.Noise("again"))
    done = sync(again, place)
    assert (done.own, done.ok) == (OwnBag.AHEAD, True)
    assert (again.store.count(), again.store.state_hash()) == (count, state)
    assert done.answers == ()  # nobody confirms to himself
    assert sync(again, place).own is OwnBag.OURS


def test_a_file_that_came_without_an_event_is_left_too(
    bench: log.Log, shop: log.Log, tmp_path: Path
) -> None:
    place = stick(tmp_path)
    content = b"photograph"
    sha256 = attachments.attach(shop.store, content)
    shop.append("document.issued", {"kind": "sheet", "sha256": sha256})
    bench.store.add(list(shop.store.events()))
    sync(bench, place)
    attachments.attach(bench.store, content)  # the event is here, its file comes later
    left = sync(bench, place).left
    assert left and left.attachments == 1
    attachments.attach(bench.store, b"named by nobody")
    assert sync(bench, place).left is None


def test_a_stick_that_does_not_keep_what_it_is_given_is_found_out(
    bench: log.Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, durable = stick(tmp_path), Writer._durable

    def lies(writer: Writer) -> None:
        durable(writer)
        with writer._temporary.open("r+b") as file:  # a block that was never written
            file.seek(512)
            file.write(b"\0" * 64)

    monkeypatch.setattr(Writer, "_durable", lies)
    done = sync(bench, place)
    assert done.unwritten and done.unwritten.code == "bag_not_kept" and not done.ok
    assert not own(bench, place).exists() and not hidden(place)
    with pytest.raises(RecordsError, match="bag_not_kept"):
        export_bag(bench, tmp_path / "out.zip")


def test_what_a_power_cut_left_goes_and_what_is_being_written_stays(
    bench: log.Log, tmp_path: Path
) -> None:
    place = stick(tmp_path)
    (place / FOLDER).mkdir()
    name = own(bench, place).name
    # 1 is a process of every computer: the stick was in another one when the power went.
    (place / FOLDER / f".{name}.1.part").write_bytes(b"half")
    with Writer(own(bench, place), bench.key) as running:
        running.add("bagit.txt", b"x")
        theirs = running._temporary.rename(place / FOLDER / f".{name}.2.part")
        sync(bench, place)
        assert hidden(place) == [theirs.name]
        theirs.rename(running._temporary)
    assert not hidden(place)


@pytest.fixture(params=["ext4", "vfat"])
def small_stick(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MB."""
    if request.param not in Path("/proc/filesystems").read_text():
        pytest.skip(f"this kernel knows no {request.param}")
    image, place = tmp_path / "small.img", tmp_path / "small"
    image.write_bytes(bytes(2 << 20))
    place.mkdir()
    quiet = ["-q", "-m", "0"] if request.param == "ext4" else []
    subprocess.run([f"mkfs.{request.param}", *quiet, str(image)], check=True, capture_output=True)
    mounted = subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=False)
    if mounted.returncode:
        pytest.skip("no loop mount on this machine")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path, left: int) -> Path:
    ballast = place / "ballast"
    free = os.statvfs(place)
    ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - left)))
    return ballast


@pytest.mark.long
@pytest.mark.root
@pytest.mark.parametrize("left", [0, 2 << 10, 12 << 10])
def test_a_full_stick_keeps_nothing_hidden(
    bench: log.Log, shop: log.Log, small_stick: Path, left: int
) -> None:
    export_bag(shop, small_stick / "shop.zip")
    (small_stick / FOLDER).mkdir()
    for number in range(20):
        data = {"test": f"t{number}", "outcome": "passed", "evidence": os.urandom(900).hex()}
        bench.append("test.done", data, device="d")
    ballast = fill(small_stick, left)
    done = sync(bench, small_stick)
    assert done.unwritten and done.unwritten.code == "bag_no_room"
    assert done.bags[0].added and not done.ok  # what could be taken was taken, and is told
    assert not hidden(small_stick)
    ballast.unlink()
    done = sync(bench, small_stick)
    assert done.ok and done.left and done.answers and not hidden(small_stick)


@pytest.mark.root
def test_a_stick_without_room_for_the_receipt_says_so(
    bench: log.Log, shop: log.Log, small_stick: Path
) -> None:
    export_bag(shop, small_stick / "shop.zip")
    import_bags(bench, [small_stick / "shop.zip"])
    sync(bench, small_stick)
    for receipt in (small_stick / FOLDER).glob("accuse-*"):
        receipt.unlink()
    fill(small_stick, 0)
    for number in range(2000):  # a small file may lie where its name does
        try:
            (small_stick / f"more-{number}").write_bytes(bytes(900))
        except OSError:
            break
    done = sync(bench, small_stick)
    assert done.left is None and done.answers == ()
    assert done.unwritten and done.unwritten.code == "bag_no_room"
    assert not hidden(small_stick)


LIMITED = """
import resource, sys
from pathlib import Path
from bench.exchange.sync import sync
from bench.records import log
opened = log.open_bench(Path(sys.argv[1]), log.SystemClock())
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
print(sync(opened, Path(sys.argv[2])).unwritten.code)
"""


@pytest.mark.long
@pytest.mark.parametrize("most", [0, 1000, 4000])
def test_a_limit_on_the_size_of_files_is_no_room(bench: log.Log, tmp_path: Path, most: int) -> None:
    place = stick(tmp_path)
    bench.store.close()
    words = [sys.executable, "-c", LIMITED, str(tmp_path / "bench"), str(place), str(most)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout == "bag_no_room\n", done.stderr
    assert not hidden(place)
