"""Stream, buffers, sweeps, mending, estimates: the parts of the engine."""

from __future__ import annotations

import errno
import itertools
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wipe.helpers_wipe import image, image_target
from wipe.decide.estimate import Curve
from wipe.model.codes import Code, Reason, because
from wipe.model.key import Algorithm, Key
from wipe.model.ranges import merge, overlaps, sectors, total
from wipe.surface.io import HUGE_BYTES, Buffer, Handle, open_target
from wipe.surface.stream import fastest, open_stream
from wipe.surface.sweep import Action, Stop, Sweep, Troubles
from wipe.surface.trouble import Mender

KEYS = [Key(Algorithm.AES_256_CTR, "11" * 32), Key(Algorithm.CHACHA20, "22" * 32)]


@pytest.mark.parametrize("key", [*KEYS, Key(Algorithm.FIXED, byte=0x5A)])
@given(offset=st.integers(0, 5000), length=st.integers(1, 3000), parts=st.integers(1, 4))
def test_any_part_of_a_stream_is_the_same_however_it_is_asked(
    key: Key, offset: int, length: int, parts: int
) -> None:
    whole = bytearray(8192)
    open_stream(key, 8192).fill(memoryview(whole), 0)
    out = bytearray(length)
    stream, step = open_stream(key, 8192), -(-length // parts)
    for start in range(0, length, step):
        stream.fill(memoryview(out)[start : start + step], offset + start)
    assert out == whole[offset : offset + length]


@pytest.mark.parametrize("key", [*KEYS, *(Key(Algorithm.FIXED, byte=one) for one in (0, 0x5A))])
@given(offset=st.integers(0, 5000), length=st.integers(1, 3000), wrong=st.integers(0, 2999))
def test_what_is_left_of_the_right_bytes_is_zero_and_of_a_wrong_one_is_its_difference(
    key: Key, offset: int, length: int, wrong: int
) -> None:
    wrong %= length
    read, left, stream = Buffer(length), Buffer(length), open_stream(key, length)
    stream.fill(read.view[:length], offset)
    left.view[:length] = b"?" * length
    stream.rest(read.view[:length], offset, left.view[:length])
    assert left.zero(length) and not any(left.view[:length])
    read.view[wrong] ^= 0x81
    stream.rest(read.view[:length], offset, left.view[:length])
    assert not left.zero(length) and left.zero(wrong) and not left.zero(wrong + 1)
    assert left.view[wrong] == 0x81 and sum(left.view[:length]) == 0x81


def test_aes_matches_the_vectors_of_sp_800_38a() -> None:
    """F.5.5 CTR-AES256: our counter starts at zero, so the vector's counter is an offset."""
    secret = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
    out = bytearray(16)
    counter = 0xF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF
    open_stream(Key(Algorithm.AES_256_CTR, secret), 16).fill(memoryview(out), counter * 16)
    assert out.hex() == "0bdf7df1591716335e9a8b15c860c502"


def test_far_offsets_and_slices_over_the_counter() -> None:
    for key in KEYS:
        out, again = bytearray(600_000), bytearray(64)
        far = 17 << 40
        open_stream(key, len(out)).fill(memoryview(out), far)
        open_stream(key, 64).fill(memoryview(again), far + 599_000)
        assert out[599_000:599_064] == again


X86 = "processor\t: {}\nflags\t\t: fpu vme sse2 {} avx\nbugs\t\t: aes_like\n\n"
ARM = "processor\t: {}\nFeatures\t: fp asimd {} crc32\n\n"


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        (X86.format(0, "aes") + X86.format(1, "aes"), Algorithm.AES_256_CTR),
        (ARM.format(0, "aes pmull"), Algorithm.AES_256_CTR),
        (X86.format(0, "vaes"), Algorithm.CHACHA20),  # a word, not a part of one
        (X86.format(0, "aes") + X86.format(1, "ssse3"), Algorithm.CHACHA20),
        ("cpu\t\t: POWER9\n", Algorithm.CHACHA20),
        ("", Algorithm.CHACHA20),
    ],
)
def test_the_cipher_is_what_the_processor_is_made_for(
    tmp_path: Path, cpuinfo: str, expected: Algorithm
) -> None:
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert fastest(tmp_path / "cpuinfo") is expected
    assert fastest(tmp_path / "missing") is Algorithm.CHACHA20


def test_buffers_compare_whole_lengths() -> None:
    one, two = Buffer(10_000), Buffer(10_000)
    assert one.same(two, 10_000)
    two.view[9_999] = 1
    assert not one.same(two, 10_000) and one.same(two, 9_999)


def test_large_buffers_are_one_huge_page_that_a_fork_does_not_share(tmp_path: Path) -> None:
    """A read under way while another thread forks must end in our memory, not in a copy."""
    buffer = Buffer(HUGE_BYTES)
    assert len(buffer.view) == HUGE_BYTES and buffer._address % HUGE_BYTES == 0
    buffer.view[:] = b"x" * HUGE_BYTES
    areas = Path("/proc/self/smaps").read_text().split("VmFlags:")
    (mine,) = [
        number
        for number, area in enumerate(areas)
        for low, high in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) ", area, re.MULTILINE)
        if int(low, 16) <= buffer._address < int(high, 16)
    ]
    flags = areas[mine + 1].splitlines()[0].split()
    assert "dc" in flags  # not copied by a fork
    if Path("/sys/kernel/mm/transparent_hugepage").exists():
        assert "hg" in flags
    odd = Buffer(HUGE_BYTES + 5)
    assert len(odd.view) == HUGE_BYTES + 5 and odd.zero(HUGE_BYTES + 5)


@pytest.mark.parametrize("size", [1, 4095, 4096, 10_000])
def test_odd_ends_are_written_and_read_without_growing_the_file(tmp_path: Path, size: int) -> None:
    path = image(tmp_path / "x", size)
    handle = open_target(image_target(path))
    assert isinstance(handle, Handle) and handle.present()
    buffer = Buffer(size)
    buffer.view[:size] = bytes([7]) * size
    handle.write(buffer.view[:size], 0)
    handle.drop_cache()
    buffer.view[:size] = bytes(size)
    handle.read(buffer.view[:size], 0)
    assert bytes(buffer.view[:size]) == bytes([7]) * size == path.read_bytes()
    with pytest.raises(OSError):
        handle.read(buffer.view[:1], size)
    handle.close()


def test_a_sweep_covers_everything_once_and_its_position_has_no_holes() -> None:
    done: list[tuple[int, int]] = []
    told: list[int] = []

    def make() -> Action:
        def act(offset: int, length: int) -> None:
            time.sleep(0.0001 * (offset % 7))
            done.append((offset, length))

        return act

    def tick(position: int, _: int) -> Reason | None:
        finished = merge(list(done))
        assert position <= 30 or (finished[0][0] == 30 and sum(finished[0]) >= position)
        told.append(position)
        return None

    assert Sweep(30, 1003, 10, 4, make).run(tick, 0.01, 60) is None
    assert sorted(done)[0] == (30, 10) and sum(length for _, length in done) == 973
    assert told[-1] == 1003


def test_a_stopped_sweep_says_why_and_does_not_pass_what_it_left() -> None:
    def make() -> Action:
        def act(offset: int, _: int) -> None:
            if offset == 50:
                raise Stop(because(Code.DISK_GONE))

        return act

    sweep = Sweep(0, 1000, 10, 3, make)
    reason = sweep.run(lambda *_: None, 0.01, 60)
    assert reason is not None and reason.code is Code.DISK_GONE
    assert sweep.position == 50


def test_a_hung_request_ends_the_sweep_not_the_process() -> None:
    import threading

    forever = threading.Event()

    def make() -> Action:
        def wait(offset: int, length: int) -> None:
            forever.wait()

        return wait

    started = time.monotonic()
    reason = Sweep(0, 100, 10, 2, make).run(lambda *_: None, 0.02, 0.2)
    assert reason is not None and reason.code is Code.STUCK
    assert time.monotonic() - started < 5
    forever.set()


class Disk:
    """Requests as a disk with bad sectors answers them."""

    def __init__(self, size: int, bad: set[int], code: int = errno.EIO) -> None:
        self.data, self.bad, self.code, self.asked = bytearray(size), bad, code, 0

    def write(self, view: memoryview, offset: int) -> None:
        self.asked += 1
        touched = range(offset // 512, -(-(offset + len(view)) // 512))
        if self.bad & set(touched):
            raise OSError(self.code, "bad")
        self.data[offset : offset + len(view)] = view


def mender(
    disk: Disk, troubles: Troubles, gone: bool = False, block: bool = True, answers: bool = True
) -> Mender:
    return Mender(
        disk.write,
        "unwritten",
        sector_bytes=512,
        troubles=troubles,
        gone=lambda: gone,
        answers=lambda: answers,
        block=block,
    )


@given(st.sets(st.integers(0, 127), max_size=12))
def test_exactly_the_bad_sectors_are_listed_and_all_others_written(bad: set[int]) -> None:
    disk, troubles = Disk(65536, bad), Troubles()
    whole = mender(disk, troubles).do(memoryview(bytes([9]) * 65536), 0)
    listed = {offset // 512 for _, (offset, _) in troubles.take()}
    assert listed == bad and whole == (not bad)
    for sector in range(128):
        expected = 0 if sector in bad else 9
        assert disk.data[sector * 512] == expected
    assert disk.asked <= 1 + len(bad) * 17


@pytest.mark.parametrize(
    ("code", "gone", "block", "why"),
    [
        (errno.ENODEV, False, True, Code.DISK_GONE),
        (errno.EIO, True, True, Code.DISK_GONE),
        (errno.EROFS, False, True, Code.WRITE_REFUSED),
        (errno.ENOSPC, False, False, Code.IMAGE_NO_SPACE),
        (errno.ENOMEM, False, True, Code.OUT_OF_MEMORY),
    ],
)
def test_errors_that_are_not_about_a_sector_stop(
    code: int, gone: bool, block: bool, why: Code
) -> None:
    disk = Disk(4096, {0}, code)
    with pytest.raises(Stop) as stopped:
        mender(disk, Troubles(), gone, block).do(memoryview(bytes(4096)), 0)
    assert stopped.value.reason.code is why


def test_a_drive_that_went_off_is_not_tried_sector_by_sector() -> None:
    disk = Disk(65536, set(range(128)))
    with pytest.raises(Stop) as stopped:
        mender(disk, Troubles(), answers=False).do(memoryview(bytes(65536)), 0)
    assert stopped.value.reason.code is Code.DISK_GONE
    assert disk.asked < 40


def test_a_disk_that_refuses_everything_is_given_up() -> None:
    size = 512 * 20_000
    disk = Disk(size, set(range(20_000)))
    with pytest.raises(Stop) as stopped:
        mender(disk, Troubles()).do(memoryview(bytes(size)), 0)
    assert stopped.value.reason.code is Code.TOO_MANY_BAD_SECTORS


pairs = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 30)), max_size=20)


@given(pairs)
def test_ranges_are_sets_of_bytes(given_: list[tuple[int, int]]) -> None:
    points = {byte for start, length in given_ for byte in range(start, start + length)}
    merged = merge(given_)
    assert total(given_) == len(points)
    assert {byte for start, length in merged for byte in range(start, start + length)} == points
    assert sectors(given_, 16) == len({byte // 16 for byte in points})
    assert all(a[0] + a[1] < b[0] for a, b in itertools.pairwise(merged))
    assert overlaps(merged, 50, 5) == bool(points & set(range(50, 55)))


def seconds(size: int, start: int, end: int, outer: float, inner: float) -> float:
    """How long a disk takes from start to end when its speed falls evenly."""
    steps = 50
    width = (end - start) / steps
    middle = [start + width * (step + 0.5) for step in range(steps)]
    return sum(width / (outer + (inner - outer) * at / size) for at in middle)


@pytest.mark.parametrize("done", [0.05, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("fall", [0.45, 0.5, 0.6])
def test_time_left_foresees_the_inner_tracks(done: float, fall: float) -> None:
    size, outer = 1_000_000_000, 200.0e3
    inner = outer * (1 - fall)
    curve, step = Curve(size, falls=True), size // 1000
    for start in range(0, int(size * done), step):
        curve.add(start, start + step, seconds(size, start, start + step, outer, inner))
    position = int(size * done)
    truth = seconds(size, position, size, outer, inner)
    left = curve.left_s(position)
    naive = (size - position) / outer
    assert left is not None and abs(left - truth) < 0.15 * truth
    assert done > 0.2 or abs(left - truth) < abs(naive - truth)


def test_a_second_pass_follows_the_measured_curve_at_todays_speed() -> None:
    size, step = 1_000_000, 1000
    first = Curve(size, falls=True)
    for start in range(0, size, step):  # a slow zone in the middle nobody could foresee
        first.add(start, start + step, 0.1 if 400_000 <= start < 600_000 else 0.01)
    second = Curve(size, falls=True)
    for start in range(0, 100_000, step):
        second.add(start, start + step, 0.02)
    left = second.left_s(100_000, first)
    assert left is not None and abs(left - 2 * (200 * 0.1 + 700 * 0.01)) < 2
    assert Curve(size, falls=False).left_s(0) is None
