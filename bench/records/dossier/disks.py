"""The disks of one machine through its life: probed, erased, taken out, put back. Pure.

Each event is put to the disk it speaks of by `diagnostics.identity`, never by a serial alone.
What cannot be known never carries a good claim from one look to another, and a disk that was
seen once stays in the file until somebody says that it was taken out.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import msgspec

from bench.records.dossier import erasures
from bench.records.dossier.erasures import Erasure
from bench.records.dossier.probed import facts_of_disks, named
from bench.records.kinds.machine import DiskRemoved, MachineProbed
from diagnostics.identity import DiskIdentity, Doubt, Same, plain_serial, plain_wwn, same


@dataclass(frozen=True)
class DiskRecord:
    """One disk of a machine as recorded. `claim` is what every list, label and paper says."""

    key: str  # within its machine
    identity: DiskIdentity
    path: str  # where the last probe saw it; "" where none did
    present: bool  # the last probe saw it
    missing: bool  # an earlier probe saw it, nobody said that it was taken out
    removed: str  # day it was taken out, "" while it is in
    returned: bool  # it was taken out and came back: what was proven before is out of date
    erasures: tuple[Erasure, ...]  # all, oldest first
    standing: Erasure | None  # the one that counts

    @cached_property
    def claim(self) -> str:
        """purge, clear, failed, interrupted, none, refused."""
        if self.standing is None:
            return "none"
        # Named where it was erased, and nameless since: nobody can find it again by a paper.
        if self.standing.claim in erasures.ERASED and self.identity.doubt is not None:
            return erasures.lowered(self.standing.claim, "serial_doubtful")
        return self.standing.claim

    @property
    def erased(self) -> bool:
        return self.claim in erasures.ERASED

    @property
    def is_image(self) -> bool:
        return any(erasures.is_image(erasure.data) for erasure in self.erasures)

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes of what must be said beside the claim."""
        found = []
        if self.returned:
            found.append("came_back")
        elif self.standing is None:
            found.append("nothing_done")
        if self.standing is not None and self.standing.why:
            found.append(self.standing.why)
        if self.identity.doubt is not None and "serial_doubtful" not in found:
            found.append("serial_doubtful")
        if self.removed:
            found.append("taken_out")
        if self.missing:
            found.append("not_seen_again")
        return tuple(found)


Mark = dict[int, int]  # disks as they are held here -> erasures on record


class _Disk:
    """One disk while the events go by."""

    def __init__(self, identity: DiskIdentity) -> None:
        self.identity = identity
        self.path = ""
        self.present = self.missing = self.returned = self.probed = False
        self.removed = ""
        self.done: list[Erasure] = []
        self.counting = 0  # erasures before this one are out of date
        self.stale: set[str] = set()  # jobs whose proof is: a second look at them erases nothing

    def learn(self, seen: DiskIdentity) -> None:
        """Take over what this look told that no earlier one did; a doubt stays for good."""
        old = self.identity
        fields = ("model", "serial", "wwn", "size_bytes")
        known = {name: getattr(old, name) or getattr(seen, name) for name in fields}
        attachment = seen.attachment if seen.attachment.token else old.attachment
        self.identity = msgspec.structs.replace(
            old, **known, attachment=attachment, doubt=old.doubt or seen.doubt
        )

    def set_aside(self) -> None:
        """What was proven so far says nothing of the disk as it is now."""
        self.counting = len(self.done)
        self.stale |= {entry.data.job for entry in self.done if entry.data.claim in erasures.ERASED}

    def standing(self) -> Erasure | None:
        """The erasure that counts: of each job its last word, of the jobs the last that did
        anything. An attempt without effect stands only where nothing else does: turned away
        when it was resumed, a job has still done what it did before."""
        last: dict[str, Erasure] = {}
        counting = [  # a proof of before told again is no news; that it proved nothing is
            entry
            for entry in self.done[self.counting :]
            if not (entry.data.job in self.stale and entry.claim in erasures.ERASED)
        ]
        for entry in counting:
            before = last.get(entry.data.job)
            if before is None or not _spoilt_before(before, entry):
                last[entry.data.job] = entry
        found: Erasure | None = None
        for entry in counting:
            if last[entry.data.job] is entry and (found is None or not entry.without_effect):
                found = entry
        return found


def _spoilt_before(before: Erasure, now: Erasure) -> bool:
    """A job that had begun and was turned away when resumed: it leaves what it had spoilt, but
    takes back what it had claimed."""
    begun = not (before.ordered or before.without_effect or before.claim in erasures.ERASED)
    return begun and now.without_effect


class Disks:
    """Fed with the events of one machine in order; `records` gives the outcome."""

    def __init__(self) -> None:
        self._disks: list[_Disk] = []
        self._index: dict[tuple[str, str], dict[int, _Disk]] = defaultdict(dict)
        self._jobs: dict[str, _Disk] = {}  # the disk of each job
        self._ended: set[str] = set()  # jobs whose end is on record
        self._present: list[_Disk] = []
        self._numbered: dict[str, dict[int, _Disk]] = defaultdict(dict)
        self._repeated: set[str] = set()  # numbers that two disks in the machine told at once

    # -- events ---------------------------------------------------------------------

    def probed(self, data: MachineProbed) -> None:
        """What is in the machine now. A disk that is not seen any more stays in the file."""
        told = [named(fact) for fact in facts_of_disks(data.facts)]
        self._repeated |= _repeated([identity for identity, _ in told])
        for disk in [disk for number in self._repeated for disk in self._numbered[number].values()]:
            disk.identity = self._doubted(disk.identity)
        seen = [(self._doubted(identity), path) for identity, path in told]
        before, self._present = self._present, []
        for disk in before:
            disk.present, disk.path = False, ""
        linked: list[_Disk | None] = []
        first_seen: set[int] = set()  # told by an erasure, and by no probe before this one
        for identity, path in seen:
            found = self._by_identity(identity, free=lambda disk: not disk.present)
            if found is not None:
                first_seen |= set() if found.probed else {id(found)}
                self._see(found, identity, path)
            linked.append(found)
        known = {id(disk) for disk in before}
        spare = [number for number, found in enumerate(linked) if id(found) not in known]
        for disk in before:
            if not (disk.present or disk.removed):
                self._look_for(disk, seen, linked, spare, first_seen)
        for number, (identity, path) in enumerate(seen):
            if linked[number] is None:
                self._see(self._new(identity), identity, path)

    def _look_for(
        self,
        disk: _Disk,
        seen: list[tuple[DiskIdentity, str]],
        linked: list[_Disk | None],
        spare: list[int],
        first_seen: set[int],
    ) -> None:
        """A disk seen before and not recognised now: it may be one that tells less, or more."""
        for number in spare:
            identity, path = seen[number]
            if same(disk.identity, identity) is not Same.UNKNOWN:
                continue
            spare.remove(number)
            other = linked[number]
            if other is None:
                self._replace(disk, identity, path)
                linked[number] = disk
            elif not disk.done and id(other) in first_seen:
                self._disks.remove(disk)  # the same disk, since told under its number
            else:
                disk.missing = True
            return
        disk.missing = True

    def _replace(self, disk: _Disk, identity: DiskIdentity, path: str) -> None:
        """Perhaps the same disk: what failed stays against it, what was proven does not carry."""
        found = disk.standing()
        if found is not None and found.claim in erasures.ERASED and not _both_images(disk, found):
            disk.set_aside()
        if not disk.identity.named:
            disk.identity = identity
            self._note(disk)
        self._see(disk, identity, path)

    def came_back(self) -> None:
        """The whole machine was out of sight: what was proven of its disks is out of date."""
        for disk in self._disks:
            disk.returned = True
            disk.set_aside()

    def doubt_proofs(self) -> None:
        """What was proven may be out of date; what failed stands."""
        for disk in self._disks:
            erased = {done.data.job for done in disk.done if done.data.claim in erasures.ERASED}
            disk.returned = disk.returned or bool(erased)
            disk.stale |= erased

    def mark(self) -> Mark:
        """How many erasures of each disk are on record now."""
        return {id(disk): len(disk.done) for disk in self._disks}

    def set_aside_since(self, mark: Mark) -> None:
        """Disks with an erasure on record since then: of it nobody knows where it was done."""
        for disk in self._disks:
            if len(disk.done) > mark.get(id(disk), 0):
                disk.returned = True
                disk.set_aside()

    def planned(self, event: Erasure) -> None:
        """An erasure was ordered; until its end is on record its disk is under way."""
        if event.data.job not in self._ended:
            self._take(event)

    def erased(self, event: Erasure) -> None:
        self._ended.add(event.data.job)
        self._take(event)

    def _take(self, event: Erasure) -> None:
        disk = self._disk_of(event)
        self._jobs[event.data.job] = disk
        disk.learn(self._doubted(erasures.identity_of(event.data.disk)))
        self._note(disk)
        disk.done.append(event)

    def removed(self, data: DiskRemoved, day: str) -> None:
        """A disk left its machine. One that nobody can tell from the others names none."""
        identity = self._doubted(erasures.identity_of(data.disk))
        disk = self._by_identity(identity)
        if disk is None:
            fitting = [
                disk
                for disk in self._disks
                if not disk.removed and same(disk.identity, identity) is Same.UNKNOWN
            ]
            gone = [disk for disk in fitting if disk.missing]  # of these one is surely out
            disk = next(iter(gone), fitting[0] if len(fitting) == 1 else None)
        if disk is None:
            if not identity.named:
                return
            disk = self._new(identity)
        disk.removed, disk.present, disk.missing, disk.path = day, False, False, ""

    # -- which disk -------------------------------------------------------------------

    def _disk_of(self, event: Erasure) -> _Disk:
        """The disk an erasure speaks of: its job's, else by identity, else one nobody erased."""
        identity = self._doubted(erasures.identity_of(event.data.disk))
        known = self._jobs.get(event.data.job)
        if known is not None and same(known.identity, identity) is not Same.NO:
            return known
        found = self._by_identity(identity)
        if found is not None:
            return found
        for disk in self._present:
            if disk.present and not disk.done and _may_be(disk.identity, identity):
                return disk
        return self._new(identity)

    def _by_identity(
        self, identity: DiskIdentity, free: Callable[[_Disk], bool] = lambda disk: True
    ) -> _Disk | None:
        """The one disk that surely is this one; `None` where none is, or several may be: a serial
        told without its WWN fits two disks that share the serial."""
        found: dict[int, _Disk] = {}
        for mark in _marks(identity):
            for disk in self._index.get(mark, {}).values():
                if free(disk) and same(disk.identity, identity) is Same.YES:
                    found[id(disk)] = disk
        return next(iter(found.values())) if len(found) == 1 else None

    def _new(self, identity: DiskIdentity) -> _Disk:
        disk = _Disk(identity)
        self._disks.append(disk)
        self._note(disk)
        return disk

    def _doubted(self, identity: DiskIdentity) -> DiskIdentity:
        """With a number that two disks told, whoever told it: it names neither."""
        if identity.named and _number(identity) in self._repeated:
            return msgspec.structs.replace(identity, doubt=Doubt.SHARED)
        return identity

    def _note(self, disk: _Disk) -> None:
        number = _number(disk.identity)
        if number:
            self._numbered[number].setdefault(id(disk), disk)
        for mark in _marks(disk.identity):
            self._index[mark].setdefault(id(disk), disk)

    def _see(self, disk: _Disk, identity: DiskIdentity, path: str) -> None:
        if disk.removed:  # it was out of sight: nobody knows what was written on it
            disk.removed, disk.returned = "", True
            disk.set_aside()
        disk.learn(identity)
        self._note(disk)
        disk.path, disk.present, disk.missing, disk.probed = path, True, False, True
        self._present.append(disk)

    # -- the outcome ------------------------------------------------------------------

    def records(self) -> tuple[DiskRecord, ...]:
        """The disks, in the order in which they were first named."""
        times: dict[str, int] = defaultdict(int)
        found = []
        for disk in self._disks:
            key = _key(disk.identity)
            times[key] += 1
            # Two that nobody can tell apart stay two.
            found.append(_record(f"{key}#{times[key]}" if times[key] > 1 else key, disk))
        return tuple(found)


def _record(key: str, disk: _Disk) -> DiskRecord:
    return DiskRecord(
        key=key,
        identity=disk.identity,
        path=disk.path,
        present=disk.present,
        missing=disk.missing,
        removed=disk.removed,
        returned=disk.returned and disk.standing() is None,
        erasures=tuple(disk.done),
        standing=disk.standing(),
    )


def _both_images(disk: _Disk, found: Erasure) -> bool:
    return erasures.is_image(found.data) and disk.identity.attachment.inode is not None


def _key(identity: DiskIdentity) -> str:
    """What one disk is called inside its machine."""
    unnamed = f"{identity.model or ''}/{identity.size_bytes or 0}"
    return plain_serial(identity.serial) or plain_wwn(identity.wwn) or unnamed


def _marks(identity: DiskIdentity) -> Iterable[tuple[str, str]]:
    """What a disk can be looked up by; `same` decides."""
    marks = [("token", identity.attachment.token)]
    if identity.named:
        marks += [("wwn", plain_wwn(identity.wwn)), ("serial", plain_serial(identity.serial))]
    return [mark for mark in marks if mark[1]]


def _number(identity: DiskIdentity) -> str:
    return plain_serial(identity.serial) or plain_wwn(identity.wwn)


def _may_be(probed: DiskIdentity, told: DiskIdentity) -> bool:
    """Whether an erasure may be of a disk that was probed, where neither can be known.

    Never a disk of its own number: a failure would be resolved by that disk's next proof, and a
    dock's doubt would stay with it. A number that several disks tell is one of theirs.
    """
    number = plain_serial(told.serial)
    shared = bool(number) and number == plain_serial(probed.serial)
    nameless = not probed.named and not told.named
    return (shared or nameless) and same(probed, told) is Same.UNKNOWN


def _repeated(seen: list[DiskIdentity]) -> set[str]:
    """Numbers that two disks in one machine tell: neither bears one of its own."""
    groups: dict[str, list[DiskIdentity]] = defaultdict(list)
    for identity in seen:
        if identity.named:
            groups[_number(identity)].append(identity)
    return {
        number
        for number, group in groups.items()
        if any(same(disk, other) is Same.YES for disk, other in itertools.combinations(group, 2))
    }
