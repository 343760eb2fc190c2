"""Updates of a stick: signed, written beside what runs, tried once, kept once they came up."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.__main__ import main
from bench.commands.screens import come_up
from bench.errors.failure import Failure
from bench.opening.context import Context
from bench.records.signed.keys import Key
from bench.stick import state
from bench.stick.live import Lines
from bench.stick.make import Phase
from bench.stick.release import believed, trusted_keys
from bench.stick.seen import image_uuid
from bench.stick.source import digest, of_stick
from bench.stick.state import State
from bench.stick.table import DATA, SLOT
from diagnostics.command import System
from tests.unit.stick import board
from tests.unit.stick.board import MIB, NAME, AsStick

DEVICE = f"/dev/{NAME}"
OLD, NEW = "2026112912000000", "2026112912010000"
SLOTS = st.none() | st.integers(1, 999)
STATES = st.builds(State, SLOTS, SLOTS, st.integers(0, 1))


# -- which image starts: pure -------------------------------------------------------------


@given(STATES)
def test_the_state_comes_back_and_stands_in_one_sector(said: State) -> None:
    block = state.compose(said)
    assert len(block) == 1024 and state.parse(block) == said
    assert set(block[512:]) == {ord("#")}


@given(st.binary(max_size=2000))
def test_any_bytes_are_some_state(data: bytes) -> None:
    found = state.parse(data)
    assert state.parse(state.compose(found)) == found


def test_the_state_is_found_by_its_first_line_where_there_is_just_one() -> None:
    block = state.compose(State())
    empty = bytes(7 * 512)
    assert state.find(empty + block + empty) == 7 * 512
    assert state.find(empty) is None
    assert state.find(block + empty + block) is None
    assert state.find(empty + block[:1000]) is None


@given(st.lists(st.integers(4, 9), max_size=2, unique=True), SLOTS, STATES)
def test_what_runs_and_what_has_come_up_are_written_last(
    slots: list[int], running: int | None, now: State
) -> None:
    slot = state.slot_for(tuple(slots), running, now)
    assert slot != running or slot is None
    assert (slot is None) == (not set(slots) - {running})
    if slot is not None and slot == now.good:
        assert set(slots) - {running} == {slot}  # no other was free
    if slot is not None:
        before = state.prepared(now, slot)
        assert slot not in (before.good, before.attempt) and not before.left
        after = state.to_be_tried(before, slot)
        assert (after.good, after.attempt, after.left) == (before.good, slot, 1)
        assert state.come_up(after, slot) == State(slot)
    assert state.come_up(now, None) == now


# -- on a stick ---------------------------------------------------------------------------


class Running:
    """A stick that was written, and the system that runs from it."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], runner: AsStick) -> None:
        self.folder, self._capture, self.runner = folder, capture, runner
        self.backing = folder / "stick.raw"
        self.trusted: frozenset[str] = frozenset()
        self.old = board.image(folder / "old.raw", made=OLD)
        self.new = board.image(folder / "new.raw", seed=9, made=NEW)

    def etabli(self, *words: str) -> tuple[int, str]:
        code = main(["stick", *words])
        shown = self._capture.readouterr()
        return code, shown.out + shown.err

    def starts(self, made: str = OLD, slot: str = "") -> None:
        """From the image itself, or from a slot."""
        digits = f"{made[:4]}-" + "-".join(made[at : at + 2] for at in range(4, 16, 2))
        port = board.REAL.rpartition("/block/")[0]
        self.runner.note, self.runner.slot = f"uuid={digits}\nport={port}\n", slot

    def parts(self, kind: str) -> list[dict[str, Any]]:
        argv = ["sfdisk", "--json", str(self.backing)]
        done = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        found = json.loads(done)["partitiontable"]["partitions"]
        return [part for part in found if part["type"] == kind]

    def slots(self) -> list[int]:
        return [int(part["node"].rpartition("raw")[2]) for part in self.parts(SLOT)]

    def in_slot(self, number: int, length: int) -> bytes:
        part = next(p for p in self.parts(SLOT) if p["node"].endswith(f"raw{number}"))
        return self.bytes(part["start"] * 512, length)

    def bytes(self, at: int, length: int) -> bytes:
        with self.backing.open("rb") as file:
            file.seek(at)
            return file.read(length)

    def state(self) -> State:
        return state.parse(self.bytes(board.STATE_AT + 7 * 512, 1024))

    def rest(self) -> str:
        """All of the stick but slots and state: what an update never touches."""
        at, data = board.STATE_AT, self.parts(DATA)[0]["start"] * 512
        all_of_it = hashlib.sha256()
        for start, end in ((0, at), (at + 65536, 512 * MIB), (data, data + 64 * MIB)):
            for place in range(start, end, MIB):
                part = self.bytes(place, min(MIB, end - place))
                if part.count(0) != len(part):  # most of a stick is empty
                    all_of_it.update(place.to_bytes(8) + part)
        return all_of_it.hexdigest()


@pytest.fixture(params=[2_000_000_000])
def live(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Running]:
    backing = board.stick(tmp_path / "stick.raw", request.param)
    with board.plugged(backing) as loop:
        made = Running(tmp_path, capsys, AsStick(loop))
        monkeypatch.setattr(Context, "runner", lambda self, replay=None: made.runner)
        monkeypatch.setattr("bench.stick.renew.trusted_keys", lambda: made.trusted)
        key = tmp_path / "release.key"
        assert made.etabli("--release-key", str(key))[0] == 0
        made.trusted = trusted_keys(f"{key}.pub")
        assert len(made.trusted) == 1
        for image in (made.old, made.new):
            assert made.etabli("--sign", str(key), str(image))[0] == 0
        _, told = made.etabli(str(made.old), DEVICE, "--plan-only", "--json")
        confirm = json.loads(told)["confirm"]
        assert made.etabli(str(made.old), DEVICE, "--confirm", confirm)[0] == 0
        made.starts()
        yield made


LARGE = pytest.mark.parametrize(
    "live", [pytest.param(4_000_000_000, marks=pytest.mark.long)], indirect=True
)
root = pytest.mark.root


@pytest.mark.long
@root
def test_an_update_is_written_tried_once_and_kept(live: Running) -> None:
    before, (slot,) = live.rest(), live.slots()
    code, said = live.etabli("--update", str(live.new))
    assert code == 0, said
    assert live.in_slot(slot, live.new.stat().st_size) == live.new.read_bytes()
    assert live.state() == State(None, slot, 1)
    assert live.rest() == before
    live.starts(NEW, f"gpt{slot}")
    assert live.etabli("--came-up")[0] == 0
    assert live.state() == State(slot)
    assert live.rest() == before
    # It runs from the only slot there is.
    newer = board.image(live.folder / "newer.raw", seed=3, made="2026112912020000")
    live.etabli("--sign", str(live.folder / "release.key"), str(newer))
    code, said = live.etabli("--update", str(newer))
    assert code == 3 and live.state() == State(slot)
    # A copy of this stick is a copy of what runs.
    source = of_stick(System(), f"/dev/{live.runner.loop}p{slot}")
    assert image_uuid(source.head) == "2026-11-29-12-01-00-00"
    assert source.size_bytes == live.new.stat().st_size


@root
@LARGE
def test_with_two_slots_what_has_come_up_stays_until_the_next_has(live: Running) -> None:
    first, second = live.slots()
    assert live.etabli("--update", str(live.new))[0] == 0
    live.starts(NEW, f"gpt{first}")
    live.etabli("--came-up")
    newer = board.image(live.folder / "newer.raw", seed=3, made="2026112912020000")
    live.etabli("--sign", str(live.folder / "release.key"), str(newer))
    before = live.in_slot(first, 24 * MIB)
    code, said = live.etabli("--update", str(newer))
    assert code == 0, said
    assert live.state() == State(first, second, 1)
    assert live.in_slot(first, 24 * MIB) == before


@root
@pytest.mark.long  # eight refusals, and the whole stick read twice
def test_what_is_not_believed_or_not_newer_changes_nothing(live: Running) -> None:
    before = hashlib.sha256(live.bytes(0, 1024 * MIB)).hexdigest()
    release = Path(f"{live.new}.release")
    signed = release.read_bytes()

    def refused(word: str) -> None:
        code, said = live.etabli("--update", str(live.new))
        assert code == 3 and word in said, said

    live.starts(NEW)
    refused("plus récente")
    live.starts("2026112912020000")
    refused("plus récente")
    live.starts()
    release.write_bytes(signed.replace(b"24", b"25"))
    refused("signée")
    stranger = Key(os.urandom(32))
    value = json.loads(json.loads(signed)["body"])
    release.write_bytes(stranger.seal("release", value).dumps())
    refused("crue")
    release.write_bytes(stranger.seal("bench", value).dumps())
    refused("crue")
    release.unlink()
    refused("n'est pas signée")
    release.write_bytes(signed)
    with live.new.open("r+b") as file:
        file.seek(20 * MIB)
        file.write(b"changed")
    refused("pas celle qui a été signée")
    live.trusted = frozenset()
    refused("aucune clé de signature")
    assert hashlib.sha256(live.bytes(0, 1024 * MIB)).hexdigest() == before


class Cut(BaseException):
    """The program ends here."""


@pytest.mark.long
@root
@pytest.mark.parametrize(
    "phase",
    [
        Phase.CHECK,
        pytest.param(Phase.WRITE, marks=pytest.mark.long),
        pytest.param(Phase.READ, marks=pytest.mark.long),
    ],
)
def test_cut_off_anywhere_it_starts_as_before(
    live: Running, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    before, (slot,) = live.rest(), live.slots()

    def show(self: Lines, now: Phase, done: int, total: int) -> None:
        if now is phase and done == total:
            raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(Lines, "show", show)
        with pytest.raises(Cut):
            live.etabli("--update", str(live.new))
    assert live.state() == State() and live.rest() == before
    assert live.etabli("--update", str(live.new))[0] == 0
    assert live.state() == State(None, slot, 1)


@pytest.mark.long
@root
def test_a_stick_that_gives_back_something_else_is_not_tried(
    live: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = live.parts(SLOT)[0]

    def show(self: Lines, now: Phase, done: int, total: int) -> None:
        if now is Phase.WRITE and done == total:
            with live.backing.open("r+b") as file:
                file.seek(part["start"] * 512 + 10 * MIB)
                file.write(b"something else")

    monkeypatch.setattr(Lines, "show", show)
    code, _ = live.etabli("--update", str(live.new))
    assert code == 1 and live.state() == State()


@pytest.mark.long
@root
def test_a_stick_holds_what_was_signed_of_its_image(live: Running) -> None:
    """So that a newer stick itself updates the others."""
    source = of_stick(System(), f"/dev/{live.runner.loop}")
    said = believed(source, live.trusted)
    assert said.sha256 == source.sha256 == hashlib.sha256(live.old.read_bytes()).hexdigest()
    assert digest(source, lambda done: None) == said.sha256
    with pytest.raises(Failure, match="stick_signature"):
        believed(source, frozenset({Key(os.urandom(32)).public.hex()}))


def test_the_first_screen_leaves_its_mark_where_the_live_system_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_up()
    monkeypatch.setenv("ETABLI_CAME_UP", str(tmp_path / "came-up"))
    come_up()
    assert (tmp_path / "came-up").is_file()
    monkeypatch.setenv("ETABLI_CAME_UP", str(tmp_path / "nowhere" / "came-up"))
    come_up()  # nothing is told to the worker: the update is left at the next start
