"""From an unwritten stick to the donor's paper: a whole visit at the stick's own screens.

One visit for all of it. What was written to the stick is kept in order (`tests.vm.writes`), so
that the power can be cut at any of these writes afterwards, without a PC.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.records import log
from bench.setup.clock import SystemClock
from bench.words.catalogue import say
from tests.vm import glass, stick, writes
from tests.vm.beside import SECRET, Printer, Pulls, Watch, planted
from tests.vm.inside import Inside
from tests.vm.test_stick_vm import START_S, letters
from tests.vm.visit import SUPERVISOR, Worker
from wipe.journal import state
from wipe.model.spec import Claim

__all__ = ["letters"]  # a fixture
pytestmark = pytest.mark.vm
DATA = "/run/etabli/data/etabli"
CUTS = 50
RESTARTS = 2
COUNT = (
    "import sqlite3; at = 'file:/run/etabli/data/etabli/etabli.db?mode=ro';"
    " print(sqlite3.connect(at, uri=True).execute('SELECT count(*) FROM event').fetchone()[0])"
)


@dataclasses.dataclass
class Visit:
    """What is left of it. `kept`: (events known as kept, how long the stick's log was then)."""

    folder: Path
    key: Path
    log: Path
    sata: Path
    nvme: Path
    printed: bytes
    kept: list[tuple[int, int]]
    clean: dict[str, int]
    before: bytes
    server: Path
    sent: str
    pulled: int


def blank_stick(image: Path, key: Path) -> Path:
    """As a plain copy leaves it: it makes its own place for records."""
    shutil.copyfile(image, key)
    with key.open("r+b") as file:
        file.truncate(1500 << 20)
    return key


def image_part(key: Path, image: Path) -> bytes:
    """What of the stick must never change: the image behind the partition table's 34 blocks."""
    size = image.stat().st_size - (1 << 20)  # its own backup table is at its end
    with key.open("rb") as file:
        file.seek(64 * 512)
        return file.read(size - 64 * 512)


def etabli(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command on this computer."""
    argv = [sys.executable, "-m", "bench", *words, "--data", str(data)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)


def spoken(text: str, number: int = 0) -> str:
    """The fingerprints in what was printed: six groups of five digits and two that check them."""
    return re.findall(r"\d{5}(?: \d{5}){5} \d{2}", text)[number]


def supervised(pc: Inside, letters: list[glass.Font], worker: Worker) -> None:
    """The second console opens for the code alone; its commands find what the screens did."""
    wrong = say("records.errors.pin_wrong")
    pc.monitor.press("ctrl", "alt", "f2")
    pc.wait_for_screen(say("live.shell"), letters, timeout_s=60)
    pc.write("\n")
    pc.wait_for_screen(say("records.keys.code_ask").strip(), letters, timeout_s=60)
    pc.write("111111\n")
    pc.wait_for_screen(wrong, letters, timeout_s=60)
    while wrong in worker.look():
        time.sleep(1)
    pc.wait_for_screen(say("live.shell"), letters, timeout_s=60)
    pc.write("\n")
    pc.wait_for_screen(say("records.keys.code_ask").strip(), letters, timeout_s=60)
    pc.write("481516\n")
    pc.wait_for_screen("etabli#", letters, timeout_s=60)
    pc.write("id\n")
    pc.wait_for_screen("uid=0(root)", letters, timeout_s=60)
    pc.write("etabli jobs\n")
    pc.wait_for_screen("…ATA0", letters, timeout_s=120)
    assert pc.run(f"find {DATA} -user root") == ""  # nothing the screens cannot use
    pc.monitor.press("alt", "f1")
    pc.wait_for_screen(say("screens.done.next"), letters, timeout_s=60)


def pushed(pc: Inside, server: Path) -> str:
    """The bench joins the workshop of this computer, and sends its records to its server."""
    workshop = spoken(etabli(server, "keys", "show").stdout, 1)
    asked = pc.run(f"etabli keys request --out {DATA}/demande.etabli")
    (server / "asked").write_bytes(
        base64.b64decode(pc.run(f"base64 {DATA}/demande.etabli").encode())
    )
    admitted = ("keys", "admit", str(server / "asked"), "--heard", spoken(asked))
    given = server / "given"
    assert etabli(server, *admitted, "--out", str(given)).returncode == 0
    letter = base64.b64encode(given.read_bytes()).decode()
    for at in range(0, len(letter), 512):  # a terminal takes no longer line
        pc.run(f"echo {letter[at : at + 512]} >>/run/etabli/letter")
    pc.run(f"base64 -d /run/etabli/letter >{DATA}/reponse.etabli; chown etabli: {DATA}/*.etabli")
    pc.run(f"etabli keys join {DATA}/reponse.etabli --heard '{workshop}'")
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    door.close()
    argv = [sys.executable, "-m", "bench", "hub", "--listen", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen([*argv, "--quiet", "--data", str(server)]) as hub:
        try:
            for _ in range(100):
                with (
                    contextlib.suppress(OSError),
                    socket.create_connection(("127.0.0.1", port), timeout=5),
                ):
                    break
                time.sleep(0.2)
            return pc.run(f"etabli push https://10.0.2.2:{port}", timeout_s=120)
        finally:
            hub.terminate()


@pytest.fixture(scope="module")
def visit(
    image: Path,
    letters: list[glass.Font],
    seed: int,
    removals: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visit]:
    """One visit, during which the stick is pulled out at random moments, for random times."""
    folder = tmp_path_factory.mktemp("visit")
    key, written = blank_stick(image, folder / "stick.raw"), folder / "writes.raw"
    before = image_part(key, image)
    sata, nvme = planted(folder / "sata.raw"), planted(folder / "nvme.raw")
    server = folder / "server"
    server.mkdir()
    kept: list[tuple[int, int]] = []
    printer = Printer()
    with Inside(key, folder / "pc", [sata], nvme=[nvme], log=written) as pc:
        watch = Watch([sata, nvme], written)
        pc.ready(timeout_s=START_S)
        worker = Worker(pc, letters)
        first_start = [
            (say("start.keyboard.title"), lambda _: pc.write("1")),
            (say("start.workshop.title"), lambda _: pc.write("ESSAI\n")),
            (say("start.number.title"), lambda _: pc.write("1\n")),
            (say("start.code.title"), lambda _: pc.write(SUPERVISOR)),
            (f"1  {say('start.code.go')}", lambda _: pc.write("1")),
            (say("start.ready.title"), lambda _: pc.write("1")),
            # Written twice, as the screens came up: the second was taken on Bonjour.
            (say("people.name.title"), lambda _: pc.monitor.press("esc")),
        ]
        worker.play(first_start, say("screens.hello.badge"), timeout_s=START_S, each_s=5)
        pc.run(f"sed -i '1i printer = \"tcp://10.0.2.2:{printer.port}\"' {DATA}/settings.toml")
        pc.run("systemctl restart etabli")

        def note() -> None:
            count = int(pc.run(f'python3 -c "{COUNT}"', timeout_s=300))  # pulled out, it waits
            kept.append((count, written.stat().st_size))

        pulls = Pulls(pc, removals, random.Random(seed))
        worker.on_page, worker.acted = note, pulls.perhaps
        worker.play(worker.rules(), say("screens.done.next"), timeout_s=1800 + 60 * removals)
        pulls.rest()
        note()
        supervised(pc, letters, worker)
        sent = pushed(pc, server)
        pc.run("sync")
        watch.stop()
    printer.close()
    yield Visit(
        folder,
        key,
        written,
        sata,
        nvme,
        printer.taken,
        kept,
        watch.clean,
        before,
        server,
        sent,
        pulls.done,
    )
    for left in folder.rglob("*.raw"):
        left.unlink()


def records_of(key: Path, to: Path) -> tuple[Path, int]:
    """What the place for records of a stick holds, and what e2fsck said of it."""
    start, size = stick.data_extent(key)
    place = to.with_suffix(".place")
    argv = ["dd", f"if={key}", f"of={place}", "bs=1M", "conv=sparse", "status=none"]
    argv += ["iflag=skip_bytes,count_bytes", f"skip={start}", f"count={size}"]
    subprocess.run(argv, check=True, timeout=120)
    checked = subprocess.run(["e2fsck", "-p", place], check=False, capture_output=True, timeout=60)
    to.mkdir()
    dump = ["debugfs", "-R", f"rdump / {to}", str(place)]
    subprocess.run(dump, check=True, capture_output=True, timeout=120)
    place.unlink()
    return to, checked.returncode


def test_from_an_unwritten_stick_to_the_papers(visit: Visit, image: Path, removals: int) -> None:
    assert visit.pulled == removals
    assert SECRET not in visit.sata.read_bytes() and SECRET not in visit.nvme.read_bytes()
    assert image_part(visit.key, image) == visit.before
    assert len(visit.printed) > 100
    kept, _ = records_of(visit.key, visit.folder / "kept")
    papers = sorted((kept / "etabli" / "documents").rglob("*.json"))
    assert papers, sorted(kept.rglob("*"))
    verified = etabli(kept / "etabli", "verify", str(papers[0]))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    system = stick.system_hash(image)  # the paper names the image that erased
    assert system[:4] in verified.stdout and system in verified.stdout.replace(" ", "")


def test_the_server_has_what_was_pushed(visit: Visit) -> None:
    here = log.open_bench(visit.server, SystemClock())
    try:
        erased = here.store.query("SELECT serial FROM erasure WHERE claim IN ('clear', 'purge')")
    finally:
        here.store.close()
    assert sorted(erased) == [("NVME0",), ("SATA0",)], visit.sent


def events_of(place: Path) -> tuple[int, set[str]]:
    """How many events a data folder holds, whole and sound; which disks it calls erased."""
    bench = log.open_bench(place, SystemClock())
    try:
        assert bench.verify().ok
        told = bench.store.query("SELECT serial FROM erasure WHERE claim IN ('clear', 'purge')")
        return bench.store.count(), {serial for (serial,) in told}
    finally:
        bench.store.close()


def claimed(jobs: Path) -> set[str]:
    """The disks whose journal claims an erasure."""
    found = (state.read(job) for job in jobs.iterdir()) if jobs.is_dir() else ()
    return {
        str(job.spec.target.serial)
        for job in found
        if job.spec is not None and job.claim in (Claim.CLEAR, Claim.PURGE)
    }


@dataclasses.dataclass
class Found:
    """A stick as a cut of the power left it. `told`: disks that its record calls erased."""

    position: int  # how long the log of writes was
    stick: Path
    mended: bool  # its file system, by itself
    events: int
    told: set[str]


@pytest.fixture(scope="module")
def cuts(
    visit: Visit, image: Path, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Found]]:
    """Random cuts of the power, from the first Bonjour on; the first few sticks are left."""
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("cuts")
    disk = blank_stick(image, folder / "disk.raw")
    cut = writes.Cut(visit.log, disk)
    begun = visit.kept[0][1]
    places = chance.sample([w.log_at for w in cut.writes if w.log_at >= begun], CUTS)
    started = set(places[:RESTARTS])
    found: list[Found] = []
    for position in sorted(places):
        cut.to(position)
        copy = folder / f"{position}.raw"
        subprocess.run(["cp", "--sparse=always", disk, copy], check=True, timeout=60)
        cut.torn(copy, chance)
        kept, checked = records_of(copy, folder / f"{position}")
        events, told = events_of(kept / "etabli")
        found.append(Found(position, copy, checked < 4, events, told | claimed(kept / "jobs")))
        shutil.rmtree(kept)
        if position not in started:
            copy.unlink()
    cut.close()
    yield found
    for left in folder.glob("*.raw"):
        left.unlink()


def test_no_cut_of_the_power_loses_a_record_or_claims_an_erasure(
    visit: Visit, cuts: list[Found]
) -> None:
    assert len(cuts) == CUTS
    clean = {"SATA0": visit.clean["sata"], "NVME0": visit.clean["nvme"]}
    for found in cuts:
        acknowledged = max(events for events, at in visit.kept if at <= found.position)
        assert found.mended and found.events >= acknowledged, (found, visit.kept)
        assert all(clean[serial] < found.position for serial in found.told), (found, clean)
    assert any(found.told for found in cuts) and not all(found.told for found in cuts)


def test_after_a_cut_it_starts_to_a_screen_that_leads_on(
    cuts: list[Found], letters: list[glass.Font], tmp_path: Path
) -> None:
    for found in cuts:
        if found.stick.exists():
            with Inside(found.stick, tmp_path / found.stick.stem) as pc:
                # Bonjour, or where the visit stood: every page of the bench has a way on.
                pc.wait_for_screen(say("screens.bench", number="1"), letters, timeout_s=START_S)
