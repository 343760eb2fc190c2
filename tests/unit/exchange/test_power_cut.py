"""`kill -9` at random moments, and a full disk: what was acknowledged is there, nothing by half.

25 kills in a plain run; ETABLI_KILLS=500 for the whole count of issue 6.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.verify import verify_bag
from bench.records import log
from bench.records.errors import RecordsError
from bench.records.signed import keys
from bench.records.store import Store
from tests import forge

ROOT = Path(__file__).resolve().parents[3]
KILLS = int(os.environ.get("ETABLI_KILLS", "25"))
WORKSHOP = keys.Key(b"\1" * 32)

CHILD = """
import sys
from pathlib import Path
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records.log import SystemClock, open_bench
action, folder, other = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
log = open_bench(folder, SystemClock())
print("ready", flush=True)
if action == "append":
    device = log.new_device()
    while True:
        made = log.append("test.done", {"test": "t", "outcome": "passed"}, device=device)
        print(made.seq, flush=True)
elif action == "import":
    print("done", import_bags(log, [other]).added, flush=True)
else:
    export_bag(log, other)
    print("done", flush=True)
"""


def run(action: str, folder: Path, other: Path, *, kill_after_s: float | None) -> list[str]:
    """Start the child, kill it that long after it is ready; gives the lines it wrote."""
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", CHILD, action, str(folder), str(other)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    lines = [child.stdout.readline().strip()]
    if kill_after_s is not None:
        try:
            child.wait(kill_after_s)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
    lines += child.stdout.read().split("\n")[:-1]  # a line cut short was not acknowledged
    child.wait()
    child.stdout.close()
    return lines


@pytest.mark.long
def test_no_acknowledged_event_is_lost_by_a_kill(tmp_path: Path) -> None:
    draw = random.Random(1)
    folder = tmp_path / "bench"
    log.open_bench(folder, log.SystemClock()).store.close()
    last = 2
    for _ in range(max(1, KILLS * 2 // 5)):
        lines = run("append", folder, tmp_path, kill_after_s=draw.uniform(0.0, 0.4))
        told = [int(line) for line in lines[1:]]
        last = max([last, *told])
        store = Store.open(folder / "etabli.db")
        (held,) = store.query("SELECT max(seq) FROM event")[0]
        assert last <= held <= last + 1  # one may be on the disk and not yet told
        assert store.count() == held
        last = held
        store.close()
    whole = log.open_bench(folder, log.SystemClock())
    report = whole.verify()
    assert report.ok and not report.notices
    before = whole.store.state_hash()
    whole.store.rebuild()
    assert whole.store.state_hash() == before
    assert last > 20


@pytest.fixture
def sender(tmp_path: Path) -> log.Log:
    made = forge.store_of(tmp_path, "sender", WORKSHOP)
    bench = forge.Bench("bench", WORKSHOP)
    made.store.add([*bench.opened(), *(e for n in range(40) for e in bench.visit(n, tests=10))])
    return made


@pytest.mark.long  # as of an export below, over many more kills
def test_a_killed_import_is_whole_or_nothing_and_can_be_done_again(
    tmp_path: Path, sender: log.Log
) -> None:
    draw = random.Random(2)
    bag, folder = tmp_path / "bag.zip", tmp_path / "receiver"
    export_bag(sender, bag)
    founded = forge.store_of(tmp_path, "receiver", WORKSHOP)
    workshop = keys.load(tmp_path / "sender" / "keys" / "workshop.key")
    log.trust(founded.store, workshop.public, name="", at="", how="fingerprint")
    own = founded.store.count()
    founded.store.close()
    kept = (folder / "etabli.db").read_bytes()
    start = time.monotonic()
    run("import", folder, bag, kill_after_s=None)
    whole_s = time.monotonic() - start
    seen = set()
    for _ in range(max(1, KILLS * 2 // 5)):
        for stale in folder.glob("etabli.db*"):
            stale.unlink()
        (folder / "etabli.db").write_bytes(kept)
        run("import", folder, bag, kill_after_s=draw.uniform(0.0, whole_s * 0.8))
        store = Store.open(folder / "etabli.db")
        assert store.count() in (own, own + sender.store.count())
        seen.add(store.count())
        store.close()
    receiver = log.open_bench(folder, log.SystemClock())
    assert import_bags(receiver, [bag]).ok
    assert receiver.store.count() == own + sender.store.count()
    assert receiver.verify().ok
    assert [path.name for path in (folder / "incoming").iterdir()] == []
    assert own in seen  # some kills did come in the middle


@pytest.mark.long
def test_a_killed_export_leaves_the_old_bag_or_the_new_one(tmp_path: Path, sender: log.Log) -> None:
    draw = random.Random(3)
    folder, out = tmp_path / "sender", tmp_path / "out" / "bag.zip"
    out.parent.mkdir()
    start = time.monotonic()
    run("export", folder, out, kill_after_s=None)
    whole_s = time.monotonic() - start
    for _ in range(max(1, KILLS // 5)):
        run("export", folder, out, kill_after_s=draw.uniform(0.0, whole_s * 0.8))
        assert verify_bag(out).whole
    run("export", folder, out, kill_after_s=None)
    assert [path.name for path in out.parent.iterdir()] == ["bag.zip"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 6 MB on a loop device of our own."""
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not here")
    image, place = tmp_path / "disk.img", tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(6 << 20)
    place.mkdir()
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    mounted = subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=False)
    if mounted.returncode:
        pytest.skip("no loop mount on this machine")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.root
def test_a_full_disk_loses_no_acknowledged_event(small_disk: Path, sender: log.Log) -> None:
    bench = log.open_bench(small_disk / "data", log.SystemClock())
    workshop = keys.load(sender.store.path.parent / "keys" / "workshop.key")
    for public in (workshop.public, WORKSHOP.public):
        log.trust(bench.store, public, name="", at="", how="fingerprint")
    bag = sender.store.path.parent.parent / "bag.zip"
    export_bag(sender, bag)
    device, last = bench.new_device(), 2
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(small_disk)
        file.write(b"\0" * (free.f_bavail * free.f_frsize - (600 << 10)))
    with pytest.raises(RecordsError) as caught:
        for number in range(5000):
            data = {"test": f"t{number % 50}", "outcome": "passed", "evidence": "x" * 5000}
            last = bench.append("test.done", data, device=device).seq
    assert caught.value.code == "store_full"
    assert last > 2
    state = bench.store.state_hash()
    with pytest.raises(RecordsError) as caught:
        export_bag(bench, small_disk / "out.zip")
    assert caught.value.code in ("bag_no_room", "store_full")
    assert not list(small_disk.glob("*out.zip*"))
    with pytest.raises(RecordsError, match="store_full"):  # the bag is good
        import_bags(bench, [bag])
    assert bench.store.state_hash() == state
    assert bench.verify().ok
    bench.store.close()
    ballast.unlink()
    again = log.open_bench(small_disk / "data", log.SystemClock())
    assert again.store.query("SELECT max(seq) FROM event")[0][0] == last
    assert again.store.state_hash() == state
    assert again.append("visit.done", {}, device=device).seq == last + 1
    again.store.close()


@pytest.mark.root
def test_a_read_only_disk_is_one_error(small_disk: Path) -> None:
    log.open_bench(small_disk / "data", log.SystemClock()).store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(RecordsError) as caught:
        bench = log.open_bench(small_disk / "data", log.SystemClock())
        bench.append("visit.done", {})
    assert caught.value.code in ("store_readonly", "store_unopenable")
