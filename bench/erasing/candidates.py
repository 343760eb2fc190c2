"""Chooses what to erase: each disk with the guard's answer, its plan and its confirmation.

Decides nothing of its own: `wipe.decide.guard`, `wipe.decide.plan` and `wipe.job.prepare`
do. Shared by the commands and the guided screens, so that both say and refuse the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec

from bench.errors.failure import Exit, Failure
from bench.setup.given import given_file
from diagnostics.command import Runner
from diagnostics.identity import plain_serial, plain_wwn
from diagnostics.model import Disk
from wipe.decide.guard import GuardAnswer, may_erase
from wipe.decide.plan import Plan, Refusal, Wish, plan
from wipe.job.asking import read_capabilities
from wipe.job.prepare import (
    confirm_code,
    confirm_codes,
    target_from_disk,
    target_from_image,
    target_from_node,
    told_apart,
)
from wipe.model.capabilities import Capabilities
from wipe.model.codes import Code, Reason
from wipe.model.spec import Target
from wipe.seen import naming
from wipe.seen.reading import read_topology
from wipe.seen.topology import Node, Topology

_AT_ONCE = 8
Ask = Callable[[Target], Capabilities]


class Candidate(msgspec.Struct, frozen=True):
    """One disk or image: may it be erased, how, and what must be typed to say so."""

    target: Target
    answer: GuardAnswer
    plan: Plan | Refusal
    confirm: str

    @property
    def allowed(self) -> bool:
        return self.answer.allowed and isinstance(self.plan, Plan)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything against it: the guard's reasons, then the planner's."""
        refused = (self.plan.reason,) if isinstance(self.plan, Refusal) else ()
        return (*self.answer.reasons, *refused)


def weigh(
    target: Target,
    topology: Topology,
    ask: Ask,
    wish: Wish | None = None,
    confirm: str | None = None,
) -> Candidate:
    """The guard's answer, and the plan from what the drive says it can do.

    A disk the guard refuses is not asked: nothing may be sent to it at all. `confirm`: its code
    among the disks that are present.
    """
    answer = may_erase(topology, target)
    able = ask(target) if answer.allowed else Capabilities()
    code = confirm or confirm_code(target)
    return Candidate(target, answer, plan(target, able, wish), code)


def asking(runner: Runner, jobs: Path | None) -> Ask:
    """Ask the drives of this machine; `jobs`: the journals, for drives we left locked."""
    return lambda target: read_capabilities(runner, target, jobs)


def candidates(runner: Runner, disks: tuple[Disk, ...], ask: Ask) -> list[Candidate]:
    """Every whole disk the kernel shows, probed or not, in the order of their names.

    All are asked at once: one that answers slowly delays no other.
    """
    topology = read_topology(runner)
    targets = present(topology, disks)
    codes = confirm_codes(targets)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        work = partial(_weighed, topology, ask, codes)
        return list(pool.map(work, targets))


def _weighed(topology: Topology, ask: Ask, codes: dict[str, str], target: Target) -> Candidate:
    return weigh(target, topology, ask, confirm=codes[target.path])


def present(topology: Topology, disks: tuple[Disk, ...]) -> list[Target]:
    """Every whole disk that is there, in doubt where two tell one number."""
    probed = {disk.name: disk for disk in disks}
    targets = []
    for node in topology.nodes:
        if not _is_disk(node):
            continue
        disk = probed.get(node.name)
        target = (
            target_from_node(f"/dev/{node.name}", topology)
            if disk is None
            else target_from_disk(disk, topology)
        )
        if target is not None:
            targets.append(target)
    return told_apart(targets)


def _is_disk(node: Node) -> bool:
    """Worth listing: a whole device with a size, that is no volume on top of others."""
    if node.parent is not None or not node.size_bytes or node.hidden or node.md:
        return False
    return node.mapper_uuid is None and not node.name.startswith(("ram", "zram", "dm-"))


def candidate(
    runner: Runner,
    path: str,
    *,
    image: bool,
    wish: Wish,
    disks: tuple[Disk, ...] = (),
    jobs: Path | None = None,
) -> Candidate:
    """One disk or image by its path. Raises `Failure` when there is none."""
    place = Path(path)
    if image:
        if not path.isprintable():  # what is no UTF-8 fits no spec, no record and no screen
            raise Failure("file_unreadable", Exit.USAGE, path=ascii(path), why="UTF-8")
        target = target_from_image(path)
        if target is None:
            given_file(path)
            raise Failure("file_is_odd", Exit.USAGE, path=path)
        return weigh(target, read_topology(runner, target.path), asking(runner, jobs), wish)
    if place.is_file():
        raise Failure("disk_is_not_image", Exit.USAGE, path=path)
    real = runner.link(path) or path  # /dev/disk/by-id/... leads to the kernel's name
    topology = read_topology(runner)
    there = present(topology, disks)
    target = next((disk for disk in there if disk.path == real), None)
    codes = confirm_codes(there)
    if target is None:  # no whole disk: the guard says why it is refused
        target = target_from_node(real, topology)
    if target is None:
        raise Failure("disk_unknown", Exit.USAGE, path=path)
    ask = asking(runner, jobs)
    return weigh(target, topology, ask, wish, codes.get(target.path))


def same_code(given: str, wanted: str) -> bool:
    """What was typed against what was shown; case and spaces do not matter."""
    return "".join(given.split()).upper() == wanted


# -- words ------------------------------------------------------------------------


def key_of(target: Target) -> str:
    """What the screens call a disk, whatever its path: nothing can be read out of it.

    By the number of its own, else by one plugging-in: what comes back is then another disk.
    """
    disk = naming.own(target)
    numbers = (plain_serial(disk.serial), plain_wwn(disk.wwn)) if disk.named else ("", "")
    place = "" if disk.named else disk.attachment.token or target.path
    marks = "\n".join((*numbers, place, str(target.size_bytes)))
    return hashlib.sha256(marks.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def frozen(candidate: Candidate) -> bool:
    """Whether the PC keeps this disk from the better ways it has of erasing itself."""
    notes = candidate.plan.notes if isinstance(candidate.plan, Plan) else ()
    return candidate.allowed and any(note.code is Code.FROZEN for note in notes)
