"""The journal, and what is folded from it."""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from wipe.journal import journal, progress
from wipe.journal.journal import Journal
from wipe.journal.progress import Progress
from wipe.journal.standing import stand
from wipe.model.codes import Phase
from wipe.surface.held import believe


def clock() -> datetime.datetime:
    return datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


def begin(written: Journal, session: str, boot: str = "b", diskseq: int = 1) -> None:
    written.append("begin", session=session, boot_id=boot, diskseq=diskseq, size_bytes=100)


def shown(session: str, position: int) -> Progress:
    return Progress(session, 0, Phase.WRITE, position, position, 200, position, 1.0)


def test_elapsed_time_adds_up_over_sessions(tmp_path: Path) -> None:
    for session in ("one", "two"):
        written = Journal(tmp_path, clock)
        begin(written, session)
        written.append("technique", technique=0, elapsed_s=0.1)
        written.append("checkpoint", sweep=0, position_bytes=10, elapsed_s=60.0)
        written.close()
    standing = stand(journal.read(tmp_path))
    assert (standing.elapsed_s, standing.before_s) == (120.0, 60.0)
    assert standing.sessions == ("one", "two")


def test_the_progress_record_is_believed_only_while_nothing_was_lost(tmp_path: Path) -> None:
    written = Journal(tmp_path, clock)
    begin(written, "one")
    written.append("checkpoint", sweep=0, position_bytes=10)
    before = stand(journal.read(tmp_path))
    assert believe(before, shown("one", 50), nothing_lost=True) == 50
    assert believe(before, shown("one", 50), nothing_lost=False) == 10
    assert believe(before, shown("zero", 50), nothing_lost=True) == 10
    assert believe(before, None, nothing_lost=True) == 10
    # A session killed before its first record: the record of the one before still counts...
    begin(written, "two")
    assert believe(stand(journal.read(tmp_path)), shown("one", 50), nothing_lost=True) == 50
    # ...but not across a reboot.
    begin(written, "three", boot="c")
    assert believe(stand(journal.read(tmp_path)), shown("one", 50), nothing_lost=True) == 10


def test_a_progress_record_rests_on_every_line_there_was(tmp_path: Path) -> None:
    """A journal that lost its last lines may have lost an unwritten range before that position."""
    written = Journal(tmp_path, clock)
    begin(written, "one")
    written.append("checkpoint", sweep=0, position_bytes=10)
    late = msgspec.structs.replace(shown("one", 50), journal_lines=3)
    assert believe(stand(journal.read(tmp_path)), late, nothing_lost=True) == 10
    written.append("unwritten", sweep=0, ranges=[[20, 512]])
    assert believe(stand(journal.read(tmp_path)), late, nothing_lost=True) == 50


def test_counts_below_nothing_are_skipped_and_one_cached_session_stays(tmp_path: Path) -> None:
    written = Journal(tmp_path, clock)
    begin(written, "one")
    for kind in ("technique", "checkpoint", "sweep_done", "key", "resized"):
        written.append(kind, technique=-3, sweep=-1, position_bytes=-5, size_bytes=-1, key={})
    written.append("open", direct=False)
    written.append("open", direct=True)
    standing = stand(journal.read(tmp_path))
    assert (standing.technique, standing.sweep, standing.position_bytes) == (0, 0, 0)
    assert standing.direct is False and not standing.done


def test_another_technique_begins_from_nothing(tmp_path: Path) -> None:
    written = Journal(tmp_path, clock)
    begin(written, "one")
    written.append("technique", technique=0)
    written.append("unwritten", sweep=0, ranges=[[0, 512]])
    written.append("success", success=True)
    written.append("technique", technique=0)
    assert stand(journal.read(tmp_path)).unwritten == ((0, 512),)
    written.append("technique", technique=1)
    standing = stand(journal.read(tmp_path))
    assert standing.unwritten == () and "success" not in standing.facts


@given(st.integers(1, 400), st.binary(max_size=30))
def test_cut_anywhere_it_reads_as_a_prefix(cut: int, noise: bytes) -> None:
    raw, chain = b"", journal.START
    for seq in range(4):
        line, chain = journal.encode(seq, "t", "kind", {"n": seq}, chain)
        raw += line
    whole = journal.parse(raw)
    assert len(whole.lines) == 4 and not whole.torn and not whole.damaged
    torn = journal.parse(raw[:-cut])
    assert torn.lines == whole.lines[: len(torn.lines)] and not torn.damaged
    assert raw[: torn.good_bytes] == raw[:-cut][: torn.good_bytes]
    journal.parse(noise)


@given(st.integers(0, 3), st.integers(0, 60))
def test_a_changed_byte_is_never_believed(number: int, at: int) -> None:
    lines, chain = [], journal.START
    for seq in range(4):
        line, chain = journal.encode(seq, "t", "kind", {"n": seq}, chain)
        lines.append(line)
    changed = bytearray(lines[number])
    changed[at] ^= 1
    raw = b"".join([*lines[:number], bytes(changed), *lines[number + 1 :]])
    read = journal.parse(raw)
    assert len(read.lines) <= number
    assert read.torn or read.damaged


@given(st.binary(max_size=1100))
def test_a_torn_progress_record_is_not_there(noise: bytes) -> None:
    good = progress.encode(shown("s", 5))
    assert progress.parse(good) == shown("s", 5)
    assert progress.parse(noise) is None
    assert progress.parse(good[:200] + noise[:50] + good[300:]) in (None, shown("s", 5))


def test_alive_is_told_by_the_lock_and_does_not_disturb_it(tmp_path: Path) -> None:
    assert not journal.alive(tmp_path)
    written = Journal(tmp_path, clock)
    # The lock belongs to the open file, so even this very process sees it.
    assert journal.alive(tmp_path) and journal.alive(tmp_path)
    written.append("begin", session="s")
    written.close()
    assert not journal.alive(tmp_path)
