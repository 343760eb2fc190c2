"""Reads what is on a stick: its partition table, whether it holds records, an image of ours."""

from __future__ import annotations

import re
from pathlib import Path

from bench.errors.failure import Exit, Failure
from bench.stick.decide import Seen
from bench.stick.table import DATA, HEAD_BYTES, Part, Table, parse
from diagnostics.command import Problem, Runner

_VOLUME = 0x8000  # the first volume descriptor of ISO 9660 (ECMA-119, 7.2 and 8.4)


def read_table(runner: Runner, path: str) -> tuple[Table | None, bool]:
    """The GPT of a stick or an image, and whether that was read at all.

    Raises `Failure` where sfdisk is missing.
    """
    told = runner.run(["sfdisk", "--json", path], timeout_s=60)
    if told.problem is Problem.MISSING:
        raise Failure("tool_missing", Exit.MACHINE, tool="sfdisk", package="fdisk")
    if told.exit_code == 0:
        return parse(told.text), True
    return None, b"does not contain a recognized partition table" in told.stderr


def read_seen(runner: Runner, path: str) -> Seen:
    """All that is decided by, of the stick at `path`."""
    table, whole = read_table(runner, path)
    data = table.of_type(DATA) if table is not None else None
    return Seen(
        table=table,
        whole=whole,
        records=data is not None and holds_filesystem(runner, path, data),
        image=is_image(read_head(path)),
    )


def holds_filesystem(runner: Runner, path: str, part: Part) -> bool:
    """Whether anything is on a partition; what cannot be told may be there."""
    argv = ["blkid", "-p", "-O", str(part.start_bytes), "-S", str(part.size_bytes), path]
    return runner.run(argv, timeout_s=60).exit_code != 2  # blkid(8): 2, nothing found


def read_head(path: str) -> bytes:
    """The first `HEAD_BYTES`; fewer where there are no more, or they cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def running_slot(runner: Runner) -> int | None:
    """The partition whose image runs, when it is an update (live/grub.cfg says it)."""
    line = runner.read("/proc/cmdline").text or ""
    found = re.search(r"(?:^| )etabli\.slot=gpt(\d{1,3})(?: |$)", line)
    return int(found[1]) if found else None


def is_image(head: bytes) -> bool:
    """Whether a volume begins that live/build made."""
    volume = head[_VOLUME : _VOLUME + 72]
    return volume[1:6] == b"CD001" and volume[40:72].rstrip() == b"ETABLI"


def image_uuid(head: bytes) -> str:
    """Its UUID as blkid has it: the moment it was made, UTC. Of two, the greater is the newer.

    ECMA-119 8.4.27: the volume's modification date, 16 digits. "" where it is none.
    """
    digits = head[_VOLUME + 830 : _VOLUME + 846].decode("ascii", "replace")
    if not re.fullmatch(r"[0-9]{16}", digits):
        return ""
    return "-".join((digits[:4], *(digits[at : at + 2] for at in range(4, 16, 2))))
