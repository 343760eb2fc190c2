"""The partitions of a stick: made by sfdisk in a file, put in place at once, then a file system.

sfdisk works on an empty file of the stick's size that begins as the image does. What it made of
the first and the last sectors goes to the stick: never half a table, and never a busy disk in
the hands of a tool.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable

import msgspec

from bench.errors.failure import Exit, Failure
from bench.stick.layout import END_BYTES, Layout, inodes, script
from bench.stick.seen import read_table
from bench.stick.table import HEAD_BYTES, Part, Table
from diagnostics.command import Completed, Problem, Runner

_BOOT_CODE_BYTES = 440  # of the master boot record; what follows names disk and partitions
_PATIENCE_S = 10.0


class Made(msgspec.Struct, frozen=True):
    """The first and the last bytes of the stick, and its table with every UUID."""

    head: bytes
    tail: bytes
    table: Table


def compose(runner: Runner, head: bytes, image: Table, layout: Layout) -> Made:
    """The stick's table: the image's own partitions as they are, and ours. Raises `Failure`."""
    with tempfile.NamedTemporaryFile(prefix="etabli-") as file:
        file.write(head)
        file.truncate(layout.stick_bytes)  # sparse: as long as the stick, and no larger
        file.flush()
        append = ["sfdisk", "--append", "--quiet", "--no-reread", "--no-tell-kernel"]
        append += ["--wipe=never", "--wipe-partitions=never", file.name]
        _must(runner.run(append, stdin=script(layout).encode(), timeout_s=60))
        _must(runner.run(["sfdisk", "--verify", file.name], timeout_s=60))
        table, _ = read_table(runner, file.name)
        file.seek(0)
        first = file.read(HEAD_BYTES)
        file.seek(layout.stick_bytes - END_BYTES)
        last = file.read(END_BYTES)
    if table is None or not _as_wanted(table, image, layout) or not _same_start(first, head, table):
        raise Failure("stick_table", Exit.MACHINE, why="sfdisk")
    return Made(first, last, table)


def _must(done: Completed) -> None:
    if done.exit_code == 0:
        return
    tool = done.argv[0]
    if done.problem is Problem.MISSING:
        raise Failure("tool_missing", Exit.MACHINE, tool=tool, package=_PACKAGES.get(tool, tool))
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    raise Failure(
        "stick_table", Exit.MACHINE, why=f"{tool}: {said[-1] if said else done.exit_code}"
    )


_PACKAGES = {"sfdisk": "fdisk", "mke2fs": "e2fsprogs", "e2fsck": "e2fsprogs", "partx": "util-linux"}


def _as_wanted(table: Table, image: Table, layout: Layout) -> bool:
    """Whether it holds the image's partitions unchanged, then exactly ours."""
    wanted = [part for part in image.parts if part not in layout.parts]
    count = len(wanted)
    pairs = zip(table.parts[count:], layout.parts, strict=False)
    return (
        list(table.parts[:count]) == wanted
        and len(table.parts) == count + len(layout.parts)
        and all(_same(made, planned) for made, planned in pairs)
    )


def _same(made: Part, planned: Part) -> bool:
    place = (made.number, made.start_bytes, made.size_bytes, made.type)
    own = planned.uuid is None or planned.uuid == made.uuid
    return own and place == (planned.number, planned.start_bytes, planned.size_bytes, planned.type)


def _same_start(made: bytes, head: bytes, table: Table) -> bool:
    """Whether what starts a PC is untouched: boot code, and all behind the table."""
    after = 2 * 512 + table.entries * 128
    return made[:_BOOT_CODE_BYTES] == head[:_BOOT_CODE_BYTES] and made[after:] == head[after:]


def tell_kernel(runner: Runner, path: str) -> None:
    """The kernel's partitions are those of the table; works while one of them is mounted."""
    _must(runner.run(["partx", "--update", path], timeout_s=60))


def device(runner: Runner, path: str, number: int, pause: Callable[[float], object]) -> str:
    """The device of a partition, once the kernel shows it. Raises `Failure`."""
    name = path.rpartition("/")[2]
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        for child in runner.names(f"/sys/class/block/{name}") or ():
            if runner.read(f"/sys/class/block/{name}/{child}/partition").text == str(number):
                return f"/dev/{child}"
        pause(0.2)
    raise Failure("stick_table", Exit.MACHINE, why=f"{name}: {number}")


def make_filesystem(runner: Runner, path: str, size_bytes: int) -> None:
    """ext4, all of it laid down now: the kernel writes nothing later on its own.

    A stick that is pulled out in a quiet moment is then in a state of rest. The label is for
    people: nothing is found by it.
    """
    argv = ["mke2fs", "-F", "-q", "-t", "ext4", "-m", "0", "-N", str(inodes(size_bytes))]
    argv += ["-O", "has_journal", "-e", "remount-ro", "-U", "random", "-L", "ETABLI-DATA"]
    argv += ["-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", path]
    _must(runner.run(argv, timeout_s=1800))
    _must(runner.run(["e2fsck", "-f", "-n", path], timeout_s=1800))
