"""Who finds sticks and puts files on them: this process itself (`Own`), or a service of root's
(`bench.carrying.served`). The screens know `Carrier` and cannot tell which.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from bench.carrying import copying
from bench.carrying.volumes import FILESYSTEMS, Volume, volumes
from bench.errors.failure import Exit, Failure
from diagnostics.command import Runner
from diagnostics.learn import learn
from wipe.seen.reading import read_topology

PLACE = Path("/run/etabli-carried")  # where what is not open yet is mounted
_MOUNT_S = 60.0
_SAFE = "nosuid,nodev,noexec"  # a stranger's file system: nothing on it is anybody's program


class Put(msgspec.Struct, frozen=True):
    """What was put. `closed`: the stick is unmounted, and may be pulled out at once."""

    size_bytes: int
    closed: bool


learn(Put)


class Carrier(Protocol):
    """Everything may raise `Failure`; `written` may be asked from another thread."""

    def found(self) -> tuple[Volume, ...]:
        """The sticks that are plugged in now, the last one first."""

    def put(self, key: str, file: Path, name: str) -> Put:
        """Put a file on the stick with this key, under this name, and read it back."""

    def written(self) -> int:
        """How many bytes of the file under way are on the stick."""


class Own:
    """This process mounts (as root), writes and unmounts; what a desktop has opened already, an
    ordinary user may write on too."""

    def __init__(self, runner: Runner, place: Path = PLACE) -> None:
        self._runner, self._place, self._written = runner, place, 0

    def found(self) -> tuple[Volume, ...]:
        return volumes(read_topology(self._runner))

    def written(self) -> int:
        return self._written

    def put(self, key: str, file: Path, name: str) -> Put:
        """Raises `Failure`: `carry_gone`, `carry_closed`, and what `copying.write` raises."""
        self._written = 0
        with copying.opened(file) as source:
            size = os.fstat(source).st_size
            volume = self._same(key)
            if volume.opened_at:
                folder = Path(volume.opened_at)
                digest = copying.write(source, folder, volume.number, name, self._wrote)
                self._compare(digest, copying.digest_at(folder, volume.number, name, size))
                return Put(size, closed=False)
            with self._mounted(volume, key) as folder:
                digest = copying.write(source, folder, volume.number, name, self._wrote)
            # Mounted anew: what is read now comes from the stick and not from memory.
            with self._mounted(volume, key, read_only=True) as folder:
                self._compare(digest, copying.digest_at(folder, volume.number, name, size))
            return Put(size, closed=True)

    def _wrote(self, count: int) -> None:
        self._written = count

    def _compare(self, wrote: str, reads: str) -> None:
        if wrote != reads:
            raise Failure("carry_differs", Exit.MACHINE)

    def _same(self, key: str) -> Volume:
        found = [volume for volume in self.found() if volume.key == key]
        if len(found) != 1:
            raise Failure("carry_gone", Exit.REFUSED)
        return found[0]

    @contextlib.contextmanager
    def _mounted(self, volume: Volume, key: str, *, read_only: bool = False) -> Iterator[Path]:
        if os.geteuid() != 0:
            raise Failure("carry_closed", Exit.REFUSED)
        try:
            self._place.mkdir(mode=0o700, exist_ok=True)
            folder = self._place / volume.disk
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Failure("carry_failed", Exit.MACHINE, why=error.strerror) from error
        kind, more = FILESYSTEMS[volume.filesystem]
        options = f"{_SAFE},{'ro' if read_only else 'rw'},{more}"
        argv = ["mount", "-t", kind, "-o", options, volume.path, str(folder)]
        done = self._runner.run(argv, timeout_s=_MOUNT_S)
        if done.exit_code != 0:
            with contextlib.suppress(OSError):
                folder.rmdir()
            raise Failure("carry_unmounted", Exit.MACHINE, detail=_why(done.stderr))
        try:
            if self._seen(volume.disk) != key.partition(":")[0]:  # another came in between
                raise Failure("carry_gone", Exit.REFUSED)
            yield folder
        finally:
            left = self._runner.run(["umount", str(folder)], timeout_s=_MOUNT_S)
            if left.exit_code == 0:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        if left.exit_code != 0:  # what was written may not be there yet
            raise Failure("carry_failed", Exit.MACHINE, why=_why(left.stderr))

    def _seen(self, disk: str) -> str:
        return self._runner.read(f"/sys/class/block/{disk}/diskseq").text or ""


def _why(said: bytes) -> str:
    """What the tool says first: what follows sends the reader to the kernel's log."""
    return (said.decode("utf-8", "replace").strip().splitlines() or ["?"])[0][:120]
