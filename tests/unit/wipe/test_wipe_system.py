"""The image a machine runs from: read from what our first program wrote, noted by each session."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.command import Content, Problem, System
from tests.unit.wipe.helpers_wipe import forked, image, image_target, make_job, now
from wipe.job import job as wiping
from wipe.job.job import Surroundings
from wipe.journal import journal, state
from wipe.journal.journal import History, Journal, Line
from wipe.journal.standing import stand
from wipe.model.spec import JOURNAL_FILE, Claim
from wipe.seen.system import as_hash, running_system
from wipe.seen.topology import parse_boot_note

NOTE = "/run/etabli/boot-medium"
ONE, TWO = "1f" * 32, "2e" * 32


class Booted(System):
    """This machine, as if its first program had left that note."""

    def __init__(self, note: bytes | None) -> None:
        super().__init__()
        self._note = note

    def read(self, path: str) -> Content:
        if path == NOTE:
            return Content(path, self._note, None if self._note else Problem.MISSING)
        return super().read(path)


def told(note: bytes | None) -> str | None:
    return running_system(Booted(note))


def test_the_hash_stands_among_the_marks_of_the_stick() -> None:
    note = f"uuid=2026-11-29-08-00-00-00\nserial=4C53\nsystem={ONE}\n"
    assert told(note.encode()) == ONE
    assert [mark.kind for mark in parse_boot_note(note)] == ["uuid", "serial"]  # as before


@pytest.mark.parametrize(
    "note",
    [
        None,
        b"",
        b"uuid=2026-11-29-08-00-00-00\nserial=4C53\n",
        b"system=\n",
        f"system={ONE[:-1]}\n".encode(),
        f"system={ONE}0\n".encode(),
        f"system={ONE.upper()}\n".encode(),
        f"system= {ONE}\n".encode(),
        f"system={ONE} x\n".encode(),
        f"SYSTEM={ONE}\n".encode(),
        f"my-system={ONE}\n".encode(),
        f"system={ONE}\nsystem={TWO}\n".encode(),
        f"system={ONE}\nsystem=\n".encode(),
        f"serial=x\x85system={TWO}\nsystem={ONE}\n".encode(),
        b"system=" + b"\xff" * 64,
        b"\x00" * 5000,
    ],
)
def test_any_other_note_is_no_hash(note: bytes | None) -> None:
    assert told(note) is None


@given(note=st.binary(max_size=300) | st.text(max_size=80).map(lambda t: f"system={t}".encode()))
def test_nothing_but_a_hash_comes_out(note: bytes) -> None:
    found = told(note)
    assert found is None or as_hash(found) == found


@pytest.mark.parametrize("value", [None, 1, b"a" * 64, ["a" * 64], "a" * 64 + "\n", "é" * 64, ""])
def test_what_is_no_hash(value: object) -> None:
    assert as_hash(value) is None


def run(job: Path, note: bytes | None) -> None:
    around = Surroundings(Booted(note), now, time.monotonic, os.urandom, threading.Event())
    assert forked(lambda: wiping.run(job, around)) == 0


@pytest.mark.parametrize(
    ("note", "systems"), [(f"system={ONE}\n".encode(), (ONE,)), (b"uuid=x\n", ()), (None, ())]
)
def test_an_erasure_tells_the_image_it_ran_under(
    tmp_path: Path, note: bytes | None, systems: tuple[str, ...]
) -> None:
    job = make_job(tmp_path / "jobs", image_target(image(tmp_path / "disk.img", 1 << 20)))
    run(job, note)
    ended = state.read(job)
    assert (ended.claim, ended.systems) == (Claim.CLEAR, systems)
    (begun,) = journal.read(job).all("begin")
    assert begun.data["system"] == (systems[0] if systems else None)


def test_taken_up_under_another_image_it_tells_both(tmp_path: Path) -> None:
    job = make_job(tmp_path / "jobs", image_target(image(tmp_path / "disk.img", 1 << 20)))
    run(job, f"system={ONE}\n".encode())
    raw = (job / JOURNAL_FILE).read_bytes()
    lines = [line.kind for line in journal.parse(raw).lines]
    cut = raw.splitlines(keepends=True)[: lines.index("sweep_done") + 1]
    for note, systems in ((None, (ONE, "")), (f"system={TWO}\n".encode(), (ONE, TWO))):
        (job / JOURNAL_FILE).write_bytes(b"".join(cut))
        run(job, note)
        ended = state.read(job)
        assert (ended.claim, ended.systems) == (Claim.CLEAR, systems)


def begun(*said: object) -> tuple[str, ...]:
    """The images of a journal whose sessions said these; `...`: made before they were noted."""
    lines = tuple(
        Line(
            n,
            "2026-11-29T08:00:00Z",
            "begin",
            {"session": f"{n}"} | ({} if s is ... else {"system": s}),
        )
        for n, s in enumerate(said)
    )
    return stand(History(lines)).systems


@pytest.mark.parametrize(
    ("said", "systems"),
    [
        ((), ()),
        ((...,), ()),
        ((..., None), ()),
        ((..., ONE), ("", ONE)),
        ((ONE, ONE, ONE), (ONE,)),
        ((ONE, TWO, ONE, None), (ONE, TWO, "")),
        ((7, [ONE], {"a": ONE}, f"{ONE}\n", ONE.upper(), "x" * 9999), ()),
        (tuple(f"{n:064x}" for n in range(500)), tuple(f"{n:064x}" for n in range(16))),
    ],
)
def test_each_image_once_and_nothing_else(said: tuple[object, ...], systems: object) -> None:
    assert begun(*said) == systems


def test_a_session_that_cannot_be_read_still_tells_its_image(tmp_path: Path) -> None:
    """A line without a session is skipped by all else."""
    tmp = tmp_path / "20260101T000000-00000000"
    tmp.mkdir()
    written = Journal(tmp, now)
    written.append("begin", system=ONE)
    written.close()
    assert stand(journal.read(tmp)).systems == (ONE,)
    assert msgspec.to_builtins(stand(History()))["systems"] == ()
