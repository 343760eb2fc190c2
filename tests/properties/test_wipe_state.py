"""Whatever stands in a job folder, reading it never raises and never says "erased"."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wipe.decide.plan import RANDOM
from wipe.journal import journal, state
from wipe.journal.evidence import gather
from wipe.journal.journal import START, History, encode, parse
from wipe.journal.standing import stand
from wipe.model.codes import Code
from wipe.model.spec import Claim, JobSpec, Method, Target, TargetKind, Technique, write_spec
from wipe.seen.reading import read_topology
from wipe.seen.topology import (
    parse_blkid,
    parse_boot_note,
    parse_command_line,
    parse_loader_partition,
    parse_lsblk,
    parse_mounts,
    parse_swaps,
)

KINDS = (
    "begin", "technique", "key", "checkpoint", "sweep_done", "unwritten", "open", "stopped",
    "verified", "accepted", "success", "sample_before", "sample_after", "hidden_areas", "resized",
    "technique_failed", "flush_failed", "capabilities", "anything",
)  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 40), 1 << 40), st.text(max_size=5),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
NAMES = (
    "session", "boot_id", "diskseq", "size_bytes", "technique", "sweep", "position_bytes", "key",
    "ranges", "reason", "reasons", "state", "direct", "elapsed_s", "success", "accepted", "claim",
)  # fmt: skip
lines = st.lists(
    st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), values, max_size=5)),
    max_size=12,
)
TECHNIQUE = Technique("Overwrite: random", Method.OVERWRITE, Claim.CLEAR, Code.ONLY_WAY, (RANDOM,))
SPEC = JobSpec("j", "t", Target("/x", TargetKind.BLOCK, 1 << 20), (TECHNIQUE,))


def written(rows: list[tuple[str, dict[str, Any]]]) -> bytes:
    raw, chain = b"", START
    for seq, (kind, data) in enumerate(rows):
        line, chain = encode(seq, "2026-01-01T00:00:00.000Z", kind, data, chain)
        raw += line
    return raw


@example([("begin", {"size_bytes": {"": None}, "session": None})])
@given(lines)
def test_a_journal_of_nonsense_folds_to_something_unclaimed(
    rows: list[tuple[str, dict[str, Any]]],
) -> None:
    history = parse(written(rows))
    assert not history.damaged
    standing = stand(history)
    gather(SPEC, standing, None)
    with tempfile.TemporaryDirectory() as name:
        job = Path(name)
        write_spec(job, SPEC)
        (job / "journal.jsonl").write_bytes(written(rows))
        found = state.read(job)
    assert found.claim not in (Claim.PURGE, Claim.CLEAR)
    assert found.status is not state.Status.DONE


@pytest.mark.long
@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=300))
def test_a_folder_of_noise_is_read_without_a_word_of_success(
    spec: bytes, log: bytes, board: bytes
) -> None:
    with tempfile.TemporaryDirectory() as name:
        job = Path(name)
        (job / "spec.json").write_bytes(spec)
        (job / "journal.jsonl").write_bytes(log)
        (job / "progress").write_bytes(board)
        found = state.read(job)
        assert found.claim not in (Claim.PURGE, Claim.CLEAR) and not found.alive
        assert [one.id for one in state.list_jobs(job.parent) if one.id == job.name]


def test_an_empty_history_and_a_missing_folder() -> None:
    assert stand(History()).begun is False
    assert state.read(Path("/nonexistent/job")).status is state.Status.PLANNED
    assert state.list_jobs(Path("/nonexistent")) == []
    assert journal.read(Path("/nonexistent")).lines == ()


@given(st.binary(max_size=400))
def test_no_parser_of_the_topology_raises(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    for parser in (parse_mounts, parse_swaps, parse_command_line, parse_boot_note, parse_lsblk):
        parser(text)
    parse_blkid(text)
    parse_loader_partition(raw)


@given(values)
def test_lsblk_of_any_shape(value: Any) -> None:
    parse_lsblk(msgspec.json.encode({"blockdevices": value}).decode())
    parse_lsblk(msgspec.json.encode({"blockdevices": [{"kname": value, "uuid": value}]}).decode())


def test_boot_marks_of_real_command_lines() -> None:
    debian = "BOOT_IMAGE=/live/vmlinuz boot=live toram live-media=/dev/disk/by-uuid/1234-ABCD quiet"
    marks, live = parse_command_line(debian)
    assert live and [(mark.kind, mark.value) for mark in marks] == [("uuid", "1234-ABCD")]
    fedora = "root=live:CDLABEL=F rd.live.image"
    marks, live = parse_command_line(fedora)
    assert live and [(mark.kind, mark.value) for mark in marks] == [("label", "F")]
    installed = "root=UUID=aaaa-bbbb ro resume=UUID=cccc quiet"
    marks, live = parse_command_line(installed)
    assert not live and [mark.value for mark in marks] == ["aaaa-bbbb"]
    guid = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
    assert (
        parse_loader_partition(b"\x07\0\0\0" + guid.encode("utf-16-le") + b"\0\0")[0].value == guid
    )


def test_this_machine_is_read_without_a_gap() -> None:
    from diagnostics.command import System

    seen = read_topology(System())
    assert seen.mounts and "/sys/class/block" not in seen.unread
