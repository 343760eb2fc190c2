"""The disks as they are attached now, each with what is known of it since it was plugged in.

An attachment is a kernel name with its `diskseq` and size: another disk in the same place is
another attachment, and nothing read from the one before counts for it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from bench.erasing.candidates import Candidate, candidates
from diagnostics.command import Runner
from diagnostics.model import Disk, DiskKind
from diagnostics.probe import probe
from diagnostics.reread import reread
from wipe.job.asking import read_capabilities
from wipe.model.capabilities import Capabilities
from wipe.model.spec import Target
from wipe.seen.reading import read_topology

Mark = tuple[str, int | None, int | None]


def patiently(runner: Runner, disks: Iterable[Disk], paths: Iterable[str]) -> tuple[Disk, ...]:
    """The disks; one of `paths` that the probe had no time for is read again, alone."""
    wanted = {runner.link(path) or path for path in paths}
    return tuple(
        reread(runner, disk.path, known=disk)
        if disk.path in wanted and disk.kind is DiskKind.UNKNOWN
        else disk
        for disk in disks
    )


class Attached:
    """Asked again and again; a disk is probed once an attachment, and asked once what it can."""

    def __init__(self, runner: Runner, jobs: Path) -> None:
        self._runner, self._jobs = runner, jobs
        self._disks: dict[Mark, Disk] = {}
        self._able: dict[Mark, Capabilities] = {}
        self._slow: list[Mark] = []  # waiting for a longer look, one after the other
        self._looking: threading.Thread | None = None

    def ask_again(self) -> None:
        """The machine has slept: what the drives said they can do may have changed."""
        self._able.clear()

    def found(self) -> list[Candidate]:
        """Every disk as it is now; what was probed counts only for the same attachment."""
        topology = read_topology(self._runner)
        nodes: dict[str, Mark] = {
            n.name: (n.name, n.diskseq, n.size_bytes) for n in topology.nodes if not n.parent
        }
        if not set(nodes.values()) <= self._disks.keys():
            self._learn(nodes)
        known = [self._disks[mark] for mark in nodes.values() if mark in self._disks]
        return candidates(
            self._runner, tuple(target for target in known if target.size_bytes), self._ask
        )

    def _learn(self, nodes: dict[str, Mark]) -> None:
        new = set(nodes.values()) - self._disks.keys()
        for disk in probe(self._runner).disks:
            if nodes.get(disk.name) in new:
                self._disks[nodes[disk.name]] = disk
        for mark in new:  # what no source knows stays bare
            disk = self._disks.setdefault(mark, Disk(path=f"/dev/{mark[0]}", name=mark[0]))
            if disk.size_bytes and disk.kind is DiskKind.UNKNOWN:
                self._slow.append(mark)
        if self._slow and (self._looking is None or not self._looking.is_alive()):
            self._looking = threading.Thread(target=self._look, name="reread", daemon=True)
            self._looking.start()

    def _look(self) -> None:
        """A disk of unknown kind can only be overwritten: give slow ones the time they need.

        In the background, so that one that never answers delays no other.
        """
        while self._slow:
            mark = self._slow.pop(0)
            disk = reread(self._runner, f"/dev/{mark[0]}", known=self._disks[mark])
            if disk.kind is not DiskKind.UNKNOWN:
                self._able.pop(mark, None)  # it was asked as a disk of another kind
                self._disks[mark] = disk

    def _ask(self, target: Target) -> Capabilities:
        """Once an attachment: a drive that erases itself would not answer, or only at its end."""
        mark = (target.path.rpartition("/")[2], target.seen.diskseq, target.size_bytes)
        able = self._able.get(mark)
        if able is None:
            able = self._able[mark] = read_capabilities(self._runner, target, self._jobs)
        return able
