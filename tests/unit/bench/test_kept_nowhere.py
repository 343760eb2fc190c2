"""Where records end with this start of the PC nothing is erased, by whatever way it is asked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.erasing.candidates import candidate
from bench.opening.context import Context
from bench.setup import live
from bench.setup.datafolder import DataFolder
from bench.words.catalogue import say
from bench.workbench.bench import Workbench
from diagnostics.command import Content, Problem, System
from tests.unit.wipe.helpers_wipe import image, loop
from wipe.decide.guard import examine, may_erase
from wipe.decide.plan import Wish
from wipe.model.codes import Code
from wipe.seen.keeping import Keeping, keeping
from wipe.seen.reading import read_topology

NOTE, WORD, MOUNTS = "/run/etabli/boot-medium", "/run/etabli/erase-unkept", "/proc/self/mountinfo"
PLACE = "40 1 253:1 / /run/etabli/data rw - ext4 /dev/mapper/etabli-data rw\n"


class Live(System):
    """This machine, as our live system would have it."""

    def __init__(self, note: bytes | None = b"system=x\n", more: str = "", *, word: bool = False):
        super().__init__()
        self.told = {NOTE: note, WORD: b"" if word else None}
        self.more = more

    def read(self, path: str) -> Content:
        if path in self.told:
            data = self.told[path]
            return Content(path, data, None if data is not None else Problem.MISSING)
        seen = super().read(path)
        if path == MOUNTS:
            return Content(path, (seen.data or b"") + self.more.encode(), None)
        return seen


@pytest.mark.parametrize(
    ("machine", "wanted"),
    [
        (Live(None), Keeping.KEPT),  # an installed bench
        (Live(more=PLACE), Keeping.KEPT),
        (Live(more=PLACE, word=True), Keeping.KEPT),
        (Live(), Keeping.LOST),
        (Live(b""), Keeping.LOST),
        (Live(word=True), Keeping.LOST_ALLOWED),
        # Something else is mounted there, or the place elsewhere.
        (Live(more=PLACE.replace("/dev/mapper/etabli-data", "tmpfs")), Keeping.LOST),
        (Live(more=PLACE.replace("/run/etabli/data", "/mnt")), Keeping.LOST),
    ],
)
def test_only_what_is_seen_on_the_stick_is_kept(machine: Live, wanted: Keeping) -> None:
    assert keeping(machine) is wanted
    assert live.volatile(machine) is (wanted is not Keeping.KEPT)
    assert read_topology(machine).unkept is (wanted is Keeping.LOST)


@pytest.mark.root
def test_nothing_is_erased_that_nobody_could_prove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = image(tmp_path / "disk.img", 1 << 20)
    before = hashlib.sha256(disk.read_bytes()).hexdigest()
    machine = Live(more=PLACE)
    monkeypatch.setattr(Context, "runner", lambda self, replay=None: machine)
    with loop(disk) as path:
        bench = Workbench(Context(DataFolder(tmp_path / "data", "option")))
        try:
            bench.device = "0190a0a0-0000-7000-8000-000000000001"
            kept = next(one for one in bench.disks().disks if one.path == path)
            assert kept.allowed
            machine.more = ""
            seen = next(one for one in bench.disks().disks if one.path == path)
            assert not seen.allowed and say("wipe.reason.record_lost") in seen.reasons
            answer = bench.start_erase(kept.key, path, kept.confirm)
            assert not answer.job and not (tmp_path / "data" / "jobs").exists()
            # The supervisor's console asks the same guard.
            words = ("--data", str(tmp_path / "data"), "erase", path, "--confirm", kept.confirm)
            assert main([*words]) == 3
            assert say("wipe.reason.record_lost") in capsys.readouterr().err
            # A disk may still be looked at, and test itself.
            weighed = candidate(machine, path, image=False, wish=Wish())
            assert examine(read_topology(machine), weighed.target).allowed
            machine.told[WORD] = b""  # the supervisor said so, where the network is served
            assert next(one for one in bench.disks().disks if one.path == path).allowed
        finally:
            bench.close()
    assert hashlib.sha256(disk.read_bytes()).hexdigest() == before


@pytest.mark.root
def test_a_process_that_erases_asks_it_too(tmp_path: Path) -> None:
    with loop(image(tmp_path / "disk.img", 1 << 20)) as path:
        machine = Live()
        target = candidate(machine, path, image=False, wish=Wish()).target
        topology = read_topology(machine)
        assert [one.code for one in may_erase(topology, target).reasons] == [Code.RECORD_LOST]
