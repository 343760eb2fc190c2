"""The emulated drive's own logic, on the host: states, lies, hidden areas, power cuts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm.drive import ata
from tests.vm.drive.core import DATA_OFFSET, Core
from tests.vm.drive.profiles import PROFILES
from tests.vm.drive.scsi import CHECK_CONDITION, Drive
from tests.vm.drive.state import STATE_BYTES, State, decode, encode
from tests.vm.drive.taskfile import Answer, Taskfile

OLD = b"donor" + bytes(507)
BLOCK_ERASE = Taskfile(0xB4, 0x12, 0, 0x426B4572, extended=True)
STATUS = Taskfile(0xB4, 0, 0, 0, extended=True)


class Hand:
    """A clock moved by the test."""

    def __init__(self) -> None:
        self.time = 0.0
        self.losses = 0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def power_losses(self) -> int:
        return self.losses


class Bench:
    """One drive on a file, that can lose its power."""

    def __init__(self, image: Path, profile: str) -> None:
        self.profile = profile
        self.clock = Hand()
        self.descriptor = os.open(image, os.O_RDWR | os.O_CREAT)
        os.ftruncate(self.descriptor, DATA_OFFSET + PROFILES[profile].sectors * 512)
        self.power()

    def power(self) -> None:
        self.core = Core(self.descriptor, 0, self.profile, PROFILES[self.profile], self.clock)
        self.drive = Drive(self.core)

    def ata(self, asked: Taskfile, data: bytes = b"") -> Answer:
        return ata.execute(self.core, asked, data)

    def work(self, share: float) -> None:
        """Let that share of the time a firmware erasure takes go by."""
        self.clock.time += share * self.core.profile.erase_s

    def raw(self, sector: int) -> bytes:
        return os.pread(self.descriptor, 512, DATA_OFFSET + sector * 512)

    def put(self, sector: int) -> None:
        os.pwrite(self.descriptor, OLD, DATA_OFFSET + sector * 512)

    def password(self, command: int, word: bytes, *, flags: int = 0) -> bool:
        block = bytes([flags, 0]) + word.ljust(32, b"\0") + bytes(478)
        return not self.ata(Taskfile(command), block).failed


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "drive.raw", request.param)
    yield made
    os.close(made.descriptor)


@pytest.mark.parametrize("bench", ["ssd"], indirect=True)
def test_sanitize_takes_time_and_survives_power(bench: Bench) -> None:
    last = bench.core.profile.sectors - 1
    for sector in (0, last):
        bench.put(sector)
    idle = bench.ata(STATUS)
    assert not idle.failed and idle.lba == 0xFFFF and not idle.count & 0xC000
    assert not bench.ata(BLOCK_ERASE).failed
    bench.work(0.5)
    half = bench.ata(STATUS)
    assert half.count & 0x4000 and 0x7000 < half.lba < 0x9000
    assert bench.raw(0) != OLD and bench.raw(last) == OLD
    assert bench.ata(Taskfile(0x25, 0, 1, 0, extended=True)).failed  # no reading meanwhile
    assert bench.drive.execute(bytes([0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0])).sense[12:14] == b"\x04\x1b"

    bench.power()
    assert bench.ata(STATUS).count & 0x4000  # goes on by itself
    bench.work(0.6)
    done = bench.ata(STATUS)
    assert done.count & 0xC000 == 0x8000 and bench.raw(last) != OLD


@pytest.mark.parametrize("bench", ["ssd"], indirect=True)
def test_sanitize_needs_its_key(bench: Bench) -> None:
    answer = bench.ata(Taskfile(0xB4, 0x12, 0, 0, extended=True))
    assert answer.failed and bench.core.state.work is None


@pytest.mark.parametrize(
    ("bench", "left"),
    [("lies_all", True), ("lies_tail", True), ("ssd", False), ("instant", True)],
    indirect=["bench"],
)
def test_liars_say_success_and_leave_data(bench: Bench, left: bool) -> None:
    last = bench.core.profile.sectors - 1
    bench.put(last)
    bench.ata(BLOCK_ERASE)
    if bench.profile == "instant":
        assert not bench.ata(STATUS).count & 0x4000
    bench.work(2)
    assert bench.ata(STATUS).count & 0x8000
    assert (bench.raw(last) == OLD) is left


@pytest.mark.parametrize("bench", ["sanitize_fails"], indirect=True)
def test_failed_sanitize_is_a_state(bench: Bench) -> None:
    bench.ata(BLOCK_ERASE)
    bench.work(2)
    status = bench.ata(STATUS)
    assert status.failed and status.lba & 0xFF == 1
    assert bench.ata(Taskfile(0x25, 0, 1, 0, extended=True)).failed
    bench.power()
    assert bench.ata(STATUS).failed


@pytest.mark.parametrize("bench", ["no_sanitize"], indirect=True)
def test_security_states(bench: Bench) -> None:
    bench.put(3)
    assert not bench.password(0xF4, b"secret")  # nothing set, nothing prepared
    assert bench.password(0xF1, b"secret")
    bench.power()
    assert bench.core.state.locked
    assert bench.ata(Taskfile(0x25, 0, 1, 3, extended=True)).failed
    assert not bench.password(0xF1, b"other")
    assert not bench.password(0xF2, b"wrong")
    assert bench.password(0xF2, b"secret")
    assert not bench.password(0xF4, b"secret")  # ERASE PREPARE must come just before
    assert not bench.ata(Taskfile(0xF3)).failed
    bench.ata(Taskfile(0xE5))
    assert not bench.password(0xF4, b"secret")
    assert not bench.ata(Taskfile(0xF3)).failed
    assert bench.password(0xF4, b"secret", flags=2)
    assert bench.raw(3) == bytes(512) and bench.core.state.user_password is None
    bench.power()
    assert not bench.core.state.locked


@pytest.mark.parametrize(
    ("bench", "again"), [("sleeper_sanitize", False), ("refrozen", True)], indirect=["bench"]
)
def test_sleep_thaws_unless_the_firmware_freezes_again(bench: Bench, again: bool) -> None:
    assert bench.ata(STATUS).count & 0x2000 and not bench.password(0xF1, b"secret")
    bench.clock.losses += 1
    assert bool(bench.ata(STATUS).count & 0x2000) is again
    assert bench.ata(BLOCK_ERASE).failed is again
    assert bench.core.state.power_cycles == 2
    bench.power()  # a boot is not a waking
    assert bench.ata(STATUS).count & 0x2000


@pytest.mark.parametrize("bench", ["sleeper"], indirect=True)
def test_sleep_locks_a_drive_with_a_password(bench: Bench) -> None:
    bench.clock.losses += 1
    assert bench.password(0xF1, b"secret")
    bench.put(3)
    assert not bench.ata(Taskfile(0x25, 0, 1, 3, extended=True)).failed
    bench.clock.losses += 1
    assert bench.ata(Taskfile(0x25, 0, 1, 3, extended=True)).failed
    assert bench.core.state.locked and not bench.core.state.frozen
    assert bench.password(0xF2, b"secret")


@pytest.mark.parametrize("bench", ["ssd"], indirect=True)
def test_sanitize_goes_on_after_sleep(bench: Bench) -> None:
    assert not bench.ata(BLOCK_ERASE).failed
    bench.work(0.3)
    bench.clock.losses += 1
    assert bench.ata(STATUS).count & 0x4000
    bench.work(1)
    assert bench.ata(STATUS).count & 0xC000 == 0x8000


@pytest.mark.parametrize(("bench", "on"), [("ssd", True), ("sleeper", False)], indirect=["bench"])
def test_write_cache_is_told_as_it_is(bench: Bench, on: bool) -> None:
    words = bench.ata(Taskfile(0xEC)).data
    assert bool(words[2 * 85] & 0x20) is on and words[2 * 82] & 0x20
    caching = bench.drive.execute(bytes([0x1A, 0x08, 0x08, 0, 64, 0])).data
    assert bool(caching[4 + 2] & 0x04) is on and len(caching) == 24


@pytest.mark.parametrize("bench", ["no_sanitize"], indirect=True)
def test_five_wrong_passwords_close_the_drive(bench: Bench) -> None:
    bench.password(0xF1, b"secret")
    bench.power()
    for _ in range(5):
        assert not bench.password(0xF2, b"wrong")
    assert not bench.password(0xF2, b"secret")
    bench.power()
    assert bench.password(0xF2, b"secret")
    assert bench.password(0xF6, b"secret")


@pytest.mark.parametrize("bench", ["frozen"], indirect=True)
def test_frozen_refuses(bench: Bench) -> None:
    assert not bench.password(0xF1, b"secret")
    assert bench.ata(Taskfile(0xF3)).failed


@pytest.mark.parametrize("bench", ["hpa"], indirect=True)
def test_normal_erase_leaves_the_hidden_area(bench: Bench) -> None:
    """openSeaChest#45: normal SECURITY ERASE UNIT does not reach HPA and DCO."""
    last = bench.core.profile.sectors - 1
    bench.put(last)
    bench.password(0xF1, b"secret")
    bench.ata(Taskfile(0xF3))
    assert bench.password(0xF4, b"secret")
    assert bench.raw(last) == OLD
    native = bench.ata(Taskfile(0x27, extended=True)).lba
    assert native == last
    assert not bench.ata(Taskfile(0x37, 0, 0, native, extended=True)).failed
    assert bench.core.visible == bench.core.profile.sectors


def test_state_survives_a_torn_write() -> None:
    old, new = State(sequence=4, user_password="aa"), State(sequence=5)
    whole = encode(old) + encode(new)
    found = decode(whole)
    assert found is not None and found.sequence == 5
    for cut in range(1, 400, 37):
        torn = bytearray(whole)
        torn[STATE_BYTES // 2 + cut : STATE_BYTES] = bytes(STATE_BYTES // 2 - cut)
        found = decode(bytes(torn))
        assert found is not None and found.sequence in (4, 5)


@pytest.mark.parametrize("bench", sorted(PROFILES), indirect=True)
def test_no_cdb_breaks_a_drive(bench: Bench) -> None:
    """Every opcode, with short and odd bytes, gets a status."""
    for opcode in range(256):
        for filler in (0x00, 0x5A, 0xFF):
            length = 6 if opcode < 0x20 else 10 if opcode < 0x60 else 16
            reply = bench.drive.execute(bytes([opcode]) + bytes([filler]) * (length - 1), b"")
            assert reply.status in (0, CHECK_CONDITION)
            assert bool(reply.sense) == (reply.status == CHECK_CONDITION)


@pytest.mark.parametrize("bench", ["loses_stretch", "loses_all"], indirect=True)
def test_what_only_the_cache_holds_reads_back_right_until_the_power_goes(bench: Bench) -> None:
    first, count = bench.core.profile.cached or (0, 0)
    last = first + count - 1
    for sector in range(last + 2):
        bench.put(sector)
    new = b"n" * 512
    bench.core.write(0, new * (last + 2))
    bench.core.media.flush()
    assert bench.core.read(0, last + 2) == new * (last + 2)
    bench.power()
    assert bench.core.read(first, count) == OLD * count
    assert first == 0 or bench.core.read(0, first) == new * first
    assert bench.core.read(last + 1, 1) == new
