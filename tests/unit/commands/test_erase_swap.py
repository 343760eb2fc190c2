"""`etabli erase` with a dock that gives its two disks one serial: the disk meant, or none.

The real command and the real wipe process, on loop devices of the test's own. The dock stands at
the Runner seam of both: a `sitecustomize` in a library folder, which the command hands on.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.demo import plant
from bench.words.catalogue import say
from tests.unit.wipe.dock import put
from tests.unit.wipe.helpers_wipe import loop, own_place
from wipe.journal import journal, state

SIZE = 24 << 20
ROOT = Path(__file__).resolve().parents[3]
_DOCK = """
import json
from pathlib import Path
import diagnostics.command
from tests.unit.wipe.dock import Dock
names = json.loads(Path(__file__).with_name("bays.json").read_text())
diagnostics.command.System = lambda *a: Dock(*names)
"""


class Bench:
    """The command as a person types it, at a bench with this dock."""

    def __init__(self, folder: Path, bays: list[str]) -> None:
        self.data, self._libraries = folder / "data", folder / "site-packages"
        self._libraries.mkdir()
        (self._libraries / "bays.json").write_text(json.dumps(bays))
        (self._libraries / "sitecustomize.py").write_text(_DOCK)

    def __call__(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", str(ROOT / "bench" / "__main__.py"), *map(str, words)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT}:{self._libraries}",
                "ETABLI_DATA": str(self.data),
            },
        )

    def codes(self) -> dict[str, str]:
        return {one["path"]: one["confirm"] for one in json.loads(self("disks", "--json").stdout)}


def sha(disk: Path) -> str:
    return hashlib.sha256(disk.read_bytes()).hexdigest()


def until(true: Callable[[], bool]) -> None:
    """Poll a job folder, which has no other event."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def swap(tmp_path: Path) -> Iterator[tuple[Bench, str, Path, Path]]:
    """A bench, a place in its dock, the disk in it and another like it."""
    if os.geteuid() != 0:
        pytest.skip("loop devices need root")
    first, second = tmp_path / "first.img", tmp_path / "second.img"
    for disk in (first, second):
        plant.plant(disk, SIZE)
    with own_place() as free, loop(first, place=free) as place:
        yield Bench(tmp_path, [place]), place, first, second


@pytest.mark.long
@pytest.mark.root
def test_the_code_of_the_first_disk_does_not_erase_the_second(
    swap: tuple[Bench, str, Path, Path],
) -> None:
    etabli, place, _, second = swap
    code, before = etabli.codes()[place], sha(second)
    put(place, second)
    done = etabli("erase", place, "--confirm", code)
    assert done.returncode == 3, done.stdout + done.stderr
    assert sha(second) == before


@pytest.mark.long
@pytest.mark.root
def test_a_job_planned_before_the_swap_leaves_the_second_disk_alone(
    swap: tuple[Bench, str, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    etabli, place, first, second = swap
    before = sha(second)
    job = plan_only(etabli, place)
    put(place, second)
    for form in ((), ("--json",)):
        done = etabli("erase", "--resume", job, *form)
        assert done.returncode == 3, done.stdout + done.stderr
        assert say("wipe.reason.disk_swapped") in done.stdout
        assert "Remettez le premier à la même place" in done.stdout
    assert sha(second) == before and plant.survivors(first) == sorted(plant.planted())


def plan_only(etabli: Bench, place: str) -> str:
    """A job as the screens leave it when they are killed before its process began."""
    from bench.erasing.candidates import candidate
    from bench.erasing.jobs import create
    from bench.setup.clock import SystemClock
    from tests.unit.wipe.dock import Dock
    from wipe.decide.plan import Wish

    etabli.data.mkdir(exist_ok=True)
    one = candidate(Dock(place), place, image=False, wish=Wish())
    jobs = etabli.data / "jobs"
    return create(jobs, one, clock=SystemClock(), random=os.urandom).name


@pytest.mark.long  # a whole erasure, cut off; by the screens' way in test_wipe_swap.py
@pytest.mark.root
def test_a_job_cut_off_does_not_go_on_with_the_second_disk(tmp_path: Path) -> None:
    """And goes on with the first one, put back."""
    if os.geteuid() != 0:
        pytest.skip("loop devices need root")
    first, second = tmp_path / "first.img", tmp_path / "second.img"
    for disk in (first, second):
        plant.plant(disk, 256 << 20)
    with own_place() as free, loop(first, place=free) as place:
        etabli, before = Bench(tmp_path, [place]), sha(second)
        code = etabli.codes()[place]
        words = ("--detach", "--json", "--passes", "random_twice")
        started = etabli("erase", place, "--confirm", code, *words)
        job = etabli.data / "jobs" / json.loads(started.stdout)["job"]
        until(lambda: state.read(job).done_bytes > 0)
        begun = journal.read(job).last("begin")
        assert begun is not None
        os.kill(begun.data["pid"], signal.SIGKILL)
        until(lambda: not state.read(job).alive)
        assert state.read(job).claim.value == "interrupted"
        put(place, second)
        told = etabli("erase", "--resume", job.name)
        assert told.returncode == 3, told.stdout + told.stderr
        assert "Remettez le premier à la même place" in told.stdout
        assert say("erase.claim.interrupted") in told.stdout  # and not that nothing was erased
        listed = json.loads(etabli("jobs", "--json").stdout)[0]
        assert (listed["claim"], listed["status"]) == ("interrupted", "interrupted")
        assert sha(second) == before
        put(place, first)
        done = etabli("erase", "--resume", job.name, "--json")
        assert done.returncode == 1  # not attested: the number is the dock's
        line = json.loads(done.stdout)
        assert line["claim"] == "clear" and line["attested"] != "clear"
        assert "serial_doubtful" in [one["code"] for one in line["reasons"]]
        assert plant.survivors(first) == [] and sha(second) == before


@pytest.mark.long
@pytest.mark.root
def test_two_disks_of_one_dock_have_two_codes(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("loop devices need root")
    disks = [tmp_path / "first.img", tmp_path / "second.img"]
    for disk in disks:
        plant.plant(disk, SIZE)
    with loop(disks[0]) as here, loop(disks[1]) as there:
        places = [here, there]
        etabli = Bench(tmp_path, places)
        codes = etabli.codes()
        one, other = (codes[place] for place in places)
        assert one != other
        before = sha(disks[1])
        wrong = etabli("erase", places[0], "--confirm", other)
        assert wrong.returncode == 3
        done = etabli("erase", places[0], "--confirm", one)
        assert done.returncode == 1  # erased, and not attested
        assert plant.survivors(disks[0]) == [] and sha(disks[1]) == before
