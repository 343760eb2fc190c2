"""A stick written, read back and divided: on loop devices that a test made itself."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.opening.context import Context
from bench.stick.make import Phase
from bench.stick.source import digest, of_stick
from bench.stick.table import DATA, ORIGIN, SLOT
from diagnostics.command import Content, System
from tests.unit.stick import board
from tests.unit.stick.board import MIB, NAME, AsStick

pytestmark = pytest.mark.root
DEVICE = f"/dev/{NAME}"
SMALL = 200 * MIB  # no slot
LARGE = 2_000_000_000


class Bench:
    """The stick, the machine that has it, and the command."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], size_bytes: int) -> None:
        self.folder, self._capture = folder, capture
        self.image = board.image(folder / "image.raw")
        self.backing = board.stick(folder / "stick.raw", size_bytes)
        self.runner: AsStick

    def etabli(self, *words: str) -> tuple[int, dict[str, Any], str]:
        """Exit code, last line of JSON, standard error."""
        code = main(["stick", *words, "--json"])
        shown = self._capture.readouterr()
        lines = shown.out.splitlines()
        return code, json.loads(lines[-1]) if lines else {}, shown.err

    def code(self) -> str:
        code: str = self.etabli(str(self.image), DEVICE, "--plan-only")[1]["confirm"]
        return code

    def write(self, *words: str, image: Path | None = None) -> tuple[int, dict[str, Any], str]:
        return self.etabli(str(image or self.image), DEVICE, "--confirm", self.code(), *words)

    def table(self) -> dict[str, dict[str, Any]]:
        """By type, and the image's own by number."""
        done = sh("sfdisk", "--json", self.runner_path())
        parts = json.loads(done)["partitiontable"]["partitions"]
        return {p["type"] if p["type"] in (DATA, ORIGIN, SLOT) else p["node"][-1]: p for p in parts}

    def runner_path(self) -> str:
        return f"/dev/{self.runner.loop}"

    def plant(self, text: bytes) -> None:
        """A file system of the records holds something; its bytes are compared later."""
        part = self.table()[DATA]
        with self.backing.open("r+b") as file:
            file.seek(part["start"] * 512 + 20 * MIB)
            file.write(text)

    def records(self) -> str:
        part = self.table()[DATA]
        with self.backing.open("rb") as file:
            file.seek(part["start"] * 512)
            return hashlib.sha256(file.read(part["size"] * 512)).hexdigest()


def sh(*argv: str, code: int = 0) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == code, (argv, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture(params=[SMALL])
def bench(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    made = Bench(tmp_path, capsys, request.param)
    with board.plugged(made.backing) as loop:
        made.runner = AsStick(loop)
        monkeypatch.setattr(Context, "runner", lambda self, replay=None: made.runner)
        yield made


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.long
@pytest.mark.parametrize(
    "bench", [SMALL, pytest.param(LARGE, marks=pytest.mark.long)], indirect=True
)
def test_a_stick_is_written_read_back_and_divided(bench: Bench) -> None:
    code, said, err = bench.write()
    assert (code, said["status"]) == (0, "done"), err
    assert said["image"]["sha256"] == sha256(bench.image)
    loop = bench.runner_path()
    assert "No errors" in sh("sfdisk", "--verify", loop)
    before = {p["node"][-1]: p for p in json.loads(sh("sfdisk", "-J", str(bench.image)))[
        "partitiontable"]["partitions"]}  # fmt: skip
    table = bench.table()
    for number, part in before.items():
        assert {**table[number], "node": ""} == {**part, "node": ""}
    data = table[DATA]
    assert said["data"]["partuuid"] == data["uuid"]
    large = bench.backing.stat().st_size == LARGE
    assert (SLOT in table) == large == (said["slot"] is not None)
    # Boot code as in the image, and all of it behind the partition table.
    ours, theirs = bench.backing.read_bytes()[: 24 * MIB], bench.image.read_bytes()
    assert ours[:440] == theirs[:440]
    assert ours[64 * 512 :] == theirs[64 * 512 :]
    part = f"{loop}p{data_number(data)}"
    sh("e2fsck", "-fn", part)
    probed = sh("blkid", "-p", "-o", "export", part)
    assert "TYPE=ext4" in probed and f"PART_ENTRY_UUID={data['uuid'].lower()}" in probed
    assert "LABEL=ETABLI-DATA" in probed
    features = sh("dumpe2fs", "-h", part)
    assert "has_journal" in features and "remount read-only" in features.lower()
    groups = re.findall(r"^Group \d+:.*$", sh("dumpe2fs", part), re.MULTILINE)
    assert groups and all("ITABLE_ZEROED" in group for group in groups)  # nothing is left to do


def data_number(part: dict[str, Any]) -> str:
    return str(part["node"]).rpartition("p")[2]


def test_no_two_sticks_have_the_same_partition_for_records(bench: Bench) -> None:
    first = bench.write()[1]["data"]["partuuid"]
    assert bench.write("--new")[1]["data"]["partuuid"] != first


def test_the_image_on_a_stick_is_the_image_that_was_written(bench: Bench) -> None:
    bench.write()
    source = of_stick(System(), bench.runner_path())
    assert source.sha256 == sha256(bench.image)
    assert digest(source, lambda done: None) == source.sha256  # all of it, read from the stick


@pytest.mark.long
def test_without_its_code_nothing_is_written(bench: Bench) -> None:
    before = sha256(bench.backing)
    code, said, err = bench.etabli(str(bench.image), DEVICE)
    assert code == 2 and said["status"] == "planned" and said["confirm"] in err
    assert (said["model"], said["serial"], said["size_bytes"]) == (
        "Test Stick",
        board.SERIAL,
        SMALL,
    )
    code, said, err = bench.etabli(str(bench.image), DEVICE, "--confirm", "AAAA")
    assert (code, said["status"]) == (3, "refused")
    assert sha256(bench.backing) == before


def test_an_ordinary_user_is_told_to_become_root(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert main(["stick", str(bench.image), DEVICE, "--plan-only"]) == 4


def test_a_loop_device_alone_is_no_stick(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other tests do goes by the runner alone: the machine as it is refuses."""
    monkeypatch.setattr(Context, "runner", lambda self, replay=None: System())
    code, said, _ = bench.etabli(str(bench.image), bench.runner_path(), "--confirm", "AAAA")
    assert code == 3 and "not_removable" in [reason["code"] for reason in said["reasons"]]


def test_a_stick_somebody_writes_on_is_refused(bench: Bench) -> None:
    with subprocess.Popen(
        ["python3", "-c", f"f=open('{bench.runner_path()}','r+b');print('x',flush=True);input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        code, said, _ = bench.etabli(str(bench.image), DEVICE, "--plan-only")
        other.communicate(b"\n")
    assert code == 3 and [reason["code"] for reason in said["reasons"]] == ["held_open"]


@pytest.mark.long
def test_a_damaged_or_foreign_image_is_refused_before_anything_is_written(bench: Bench) -> None:
    before = sha256(bench.backing)
    cut = bench.folder / "cut.raw"
    cut.write_bytes(bench.image.read_bytes()[:-MIB])
    assert main(["stick", str(cut), DEVICE, "--plan-only"]) == 2
    other = bench.folder / "other.raw"
    other.write_bytes(bytes(MIB))
    assert main(["stick", str(other), DEVICE, "--plan-only"]) == 2
    manifest = Path(f"{bench.image}.manifest")
    manifest.write_text(f"image {'0' * 64}\nsystem x\n")
    code, said, _ = bench.write()
    assert (code, said["status"]) == (1, "failed")
    assert said["reasons"][0]["code"] == "stick_image_changed"
    assert sha256(bench.backing) == before
    manifest.write_text(f"image {sha256(bench.image)}\nsystem x\n")
    assert bench.write()[0] == 0


# -- records ----------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    "bench", [SMALL, pytest.param(LARGE, marks=pytest.mark.long)], indirect=True
)
def test_records_are_kept_or_lost_only_as_it_was_said(bench: Bench) -> None:
    uuid = bench.write()[1]["data"]["partuuid"]
    bench.plant(b"a record")
    kept = bench.records()
    code, said, _ = bench.write()
    assert code == 3 and [reason["code"] for reason in said["reasons"]] == ["records"]
    assert bench.records() == kept
    newer = board.image(bench.folder / "newer.raw", 24 * MIB, seed=8)
    code, said, err = bench.write("--keep-data", image=newer)
    assert code == 0, err
    assert said["data"]["partuuid"] == uuid and said["image"]["sha256"] == sha256(newer)
    assert bench.records() == kept
    assert bench.write("--new")[0] == 0
    assert bench.records() != kept


@pytest.mark.long
def test_a_larger_image_that_would_reach_the_records_is_refused(bench: Bench) -> None:
    bench.write()
    kept = bench.records()
    large = board.image(bench.folder / "large.raw", 40 * MIB)
    code, said, _ = bench.write("--keep-data", image=large)
    assert code == 3
    assert [reason["code"] for reason in said["reasons"]] == ["records_in_the_way"]
    assert bench.records() == kept


# -- pulled out, lying, broken ------------------------------------------------------------


class Cut(BaseException):
    """The program ends here."""


def at(bench: Bench, monkeypatch: pytest.MonkeyPatch, phase: Phase, act: Any) -> None:
    """Something happens the first time the writing gets there."""
    from bench.stick.live import Lines

    once: list[Phase] = []

    def show(self: Lines, now: Phase, done: int, total: int) -> None:
        there = now is phase and done == total * (phase not in (Phase.PREPARE, Phase.DIVIDE))
        if there and not once:
            once.append(now)
            act()

    monkeypatch.setattr(Lines, "show", show)


def cut() -> None:
    raise Cut


PHASES = [Phase.CHECK, Phase.PREPARE, Phase.WRITE, Phase.READ, Phase.DIVIDE]


@pytest.mark.long
@pytest.mark.parametrize("phase", PHASES)
def test_a_stick_that_was_pulled_out_is_simply_written_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    with monkeypatch.context() as patched:
        at(bench, patched, phase, cut)
        with pytest.raises(Cut):
            bench.write()
    head = bench.backing.read_bytes()[: 128 << 10]
    assert head == bytes(len(head))  # it starts nothing, and is taken for no other stick
    assert bench.write()[0] == 0


@pytest.mark.long
@pytest.mark.parametrize(
    "phase",
    [
        phase
        if phase in (Phase.WRITE, Phase.DIVIDE)
        else pytest.param(phase, marks=pytest.mark.long)
        for phase in PHASES
    ],
)
def test_records_that_are_kept_stay_wherever_it_is_cut(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    bench.write()
    bench.plant(b"a record")
    kept = bench.records()
    newer = board.image(bench.folder / "newer.raw", seed=8)
    with monkeypatch.context() as patched:
        at(bench, patched, phase, cut)
        with pytest.raises(Cut):
            bench.write("--keep-data", image=newer)
    assert bench.records() == kept
    assert bench.write()[0] == 3  # still a stick with records
    assert bench.write("--keep-data", image=newer)[0] == 0
    assert bench.records() == kept


def test_ctrl_c_says_that_the_stick_is_not_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    at(bench, monkeypatch, Phase.WRITE, stop)
    code, _, err = bench.write()
    assert code == 130 and "écrivez-la encore" in err


@pytest.mark.parametrize(("place", "why"), [(5 * MIB, "differs"), (SMALL - 4096, "size_lie")])
def test_a_stick_that_gives_back_something_else_is_bad(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, place: int, why: str
) -> None:
    def change() -> None:
        with bench.backing.open("r+b") as file:
            file.seek(place)
            file.write(b"something else")

    at(bench, monkeypatch, Phase.WRITE, change)
    code, said, _ = bench.write()
    assert (code, said["status"]) == (1, "failed")
    assert said["reasons"][0]["code"] == f"stick_{why}"


def test_a_stick_that_stops_taking_bytes_has_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shorten() -> None:
        with bench.backing.open("r+b") as file:
            file.truncate(8 * MIB)
        sh("losetup", "-c", bench.runner_path())

    at(bench, monkeypatch, Phase.WRITE, shorten)
    code, said, err = bench.write()
    assert (code, said["status"]) == (4, "failed"), err
    assert said["reasons"][0]["code"] == "stick_failed"


# -- only the place for records ------------------------------------------------------------


def dd(bench: Bench) -> None:
    with bench.backing.open("r+b") as file:
        file.write(bench.image.read_bytes())
    sh("partx", "--update", bench.runner_path())


def test_a_stick_written_by_dd_gets_its_place_for_records(bench: Bench) -> None:
    dd(bench)
    code, said, _ = bench.etabli(DEVICE, "--data-only")
    assert code == 2 and said["status"] == "planned"  # not the stick we run from: asks
    confirm = said["confirm"]
    code, said, err = bench.etabli(DEVICE, "--data-only", "--confirm", confirm)
    assert (code, said["made"]) == (0, True), err
    assert "No errors" in sh("sfdisk", "--verify", bench.runner_path())
    source = of_stick(System(), bench.runner_path())
    assert digest(source, lambda done: None) == sha256(bench.image)
    code, again, _ = bench.etabli(DEVICE, "--data-only")
    assert (code, again["made"], again["data"]) == (0, False, said["data"])


def test_a_place_without_a_file_system_gets_one(bench: Bench) -> None:
    """Cut off between the table and the file system: nothing is asked, nothing else is touched."""
    bench.write()
    part = bench.table()[DATA]
    with bench.backing.open("r+b") as file:
        file.seek(part["start"] * 512)
        file.write(bytes(MIB))
    bench.runner.note = NOTE
    code, said, err = bench.etabli(DEVICE, "--data-only")
    assert (code, said["made"]) == (0, True), err
    assert said["data"]["partuuid"] == part["uuid"]
    sh("e2fsck", "-fn", f"{bench.runner_path()}p{data_number(part)}")


NOTE = f"port={board.REAL.rpartition('/block/')[0]}\n"


class Mounted(AsStick):
    """This kernel mounts no ISO 9660: the mounted partition is shown as one."""

    def read(self, path: str) -> Content:
        content = super().read(path)
        if path.endswith("/mountinfo") and content.data is not None:
            own = f" - ext4 /dev/{self.loop}p1".encode()
            shown = content.data.replace(own, b" - iso9660 /dev/" + f"{NAME}1".encode())
            return Content(path, shown)
        return content


def test_the_stick_we_run_from_gets_it_while_it_is_mounted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    dd(bench)
    loop, place = bench.runner_path(), bench.folder / "mounted"
    place.mkdir()
    sh("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", f"{loop}p1", "4096k")
    with bench.backing.open("r+b") as file:  # the volume descriptor lies in that partition too
        file.seek(0x8000)
        file.write(bench.image.read_bytes()[0x8000:0x8080])
    sh("mount", "-o", "ro", f"{loop}p1", str(place))
    try:
        before = bench.backing.read_bytes()[64 * 512 : 24 * MIB]
        bench.runner.note = NOTE
        code, said, _ = bench.etabli(DEVICE, "--data-only")
        assert code == 3  # something else than our image is mounted from it
        bench.runner = Mounted(loop, note=NOTE)
        code, said, err = bench.etabli(DEVICE, "--data-only")
        assert (code, said["made"], said["own"]) == (0, True, True), err
        assert bench.backing.read_bytes()[64 * 512 : 24 * MIB] == before
        sh("e2fsck", "-fn", f"{loop}p{data_number(bench.table()[DATA])}")
        code, said, _ = bench.etabli(str(bench.image), DEVICE, "--plan-only", "--new")
        assert code == 3 and "boot_medium" in [reason["code"] for reason in said["reasons"]]
    finally:
        sh("umount", str(place))


def test_behind_no_image_nothing_is_made(bench: Bench) -> None:
    before = sha256(bench.backing)
    code, said, _ = bench.etabli(DEVICE, "--data-only")
    assert code == 3 and [reason["code"] for reason in said["reasons"]] == ["no_image"]
    assert sha256(bench.backing) == before


def test_without_an_image_and_not_started_from_a_stick_there_is_nothing_to_write(
    bench: Bench,
) -> None:
    assert main(["stick", DEVICE]) == 2
