"""The plan of a job carried out: drive prepared, techniques in order, each judged.

A technique whose evidence reaches no claim is followed by the next one of the
plan; why it failed stays in the journal and goes with the claim.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.command import Runner
from diagnostics.model import DiskKind
from wipe.decide.claim import Decision, Hidden, decide
from wipe.decide.reach import left
from wipe.job.asking import read_capabilities
from wipe.job.rescue import rescue
from wipe.job.suspend import thaw
from wipe.journal.evidence import RESUMABLE, gather
from wipe.journal.progress import Progress
from wipe.journal.standing import Standing
from wipe.methods import hidden
from wipe.methods.choose import eraser_for
from wipe.methods.firmware import erase
from wipe.methods.overwrite import Overwriting
from wipe.model.capabilities import Capabilities, HiddenAreas
from wipe.model.codes import Code, Phase, Reason, because
from wipe.model.spec import Claim, JobSpec, Method, Target, TargetKind
from wipe.seen.smart import read_smart
from wipe.seen.unbroken import SLEPT_S, Marks, power_cycles
from wipe.surface import sampling
from wipe.surface.context import WipeContext
from wipe.surface.io import open_target
from wipe.surface.sample import Sample


class Work(msgspec.Struct):
    """One run of a job's plan. `look` folds the journal as it is now."""

    context: WipeContext
    spec: JobSpec
    target: Target
    runner: Runner
    jobs: Path
    shown: Progress | None
    nothing_lost: bool
    look: Callable[[], Standing]
    marks: Marks = Marks()  # of this session's beginning

    def run(self) -> tuple[Decision, Standing]:
        """To the end of the plan, or to what stops it."""
        can = self._prepare()
        if isinstance(can, Reason):
            return self._judge(can)
        while True:
            before = self.look()
            reason = self._technique(before, can)
            decision, standing = self._judge(reason)
            following = self._next(before.technique, decision)
            final = reason is not None and (reason.code in RESUMABLE or self._hopeless(reason))
            if decision.claim is not Claim.FAILED or following is None or final:
                return decision, standing
            reasons = [msgspec.to_builtins(reason) for reason in decision.reasons]
            self.context.note("technique_failed", technique=before.technique, reasons=reasons)
            self._name(following)
            self.shown = None

    def _next(self, number: int, decision: Decision) -> int | None:
        """The technique after a failed one. A drive that lied is not asked to erase itself again:
        only what we write and read back ourselves is left."""
        codes = {reason.code for reason in decision.reasons}
        lied = Code.DRIVE_LIES in codes
        if Code.DRIVE_FAILED in codes and not self.context.handle.answers():
            return None  # it stays in its failed state: no sector can be read, none written
        for following in range(number + 1, len(self.spec.plan)):
            if not lied or self.spec.plan[following].method is Method.OVERWRITE:
                return following
        return None

    def _hopeless(self, reason: Reason) -> bool:
        """A drive that hangs or refuses every write takes no other technique either."""
        return reason.code in (Code.STUCK, Code.TOO_SLOW, Code.WRITE_REFUSED)

    def _judge(self, reason: Reason | None) -> tuple[Decision, Standing]:
        standing = self.look()
        return decide(gather(self.spec, standing, reason)), standing

    def _name(self, number: int) -> None:
        technique = self.spec.plan[number]
        self.context.note("technique", technique=number, name=technique.name)
        for ranges in self.context.troubles.values():
            ranges.clear()
        self.context.flush_failed = False

    def _prepare(self) -> Capabilities | Reason:
        """Ask the drive, thaw it, unlock what we locked, remove hidden areas."""
        before = self.look()
        if self.target.kind is TargetKind.IMAGE:
            return Capabilities()
        sata = self.target.disk_kind in (DiskKind.HDD, DiskKind.SSD) and not self._bridged()
        can = self._thaw_if_frozen(read_capabilities(self.runner, self.target))
        if sata and can.security is not None and can.security.enabled:
            can = self._unlock_if_locked(can)
        if can.read or "capabilities" not in before.facts:
            # A drive busy erasing itself tells nothing: what it said before stays the evidence.
            self.context.note("capabilities", **msgspec.to_builtins(can))
        if "smart_before" not in before.facts and self.target.disk_kind is not DiskKind.VIRTUAL:
            self._smart("smart_before")
        if can.behind_raid:
            return because(Code.BEHIND_RAID)
        if can.security is not None and can.security.locked:
            return because(Code.LOCKED)
        reason = self._hidden(can) if sata and not can.sanitize_running else None
        return reason or can

    def _unlock_if_locked(self, can: Capabilities) -> Capabilities:
        """Take a password of ours off; one we do not know stays, locked or not."""
        freed = rescue(self.runner, self.jobs, self.target)
        if freed is None:
            return can
        self.context.note("rescue", freed=freed)
        return read_capabilities(self.runner, self.target)

    def _thaw_if_frozen(self, can: Capabilities) -> Capabilities:
        """Suspend once when the drive is frozen, the job asks for it, and the machine can."""
        security = can.security
        frozen = can.sanitize_frozen or (security is not None and security.frozen)
        locked = security is not None and security.locked
        asks = locked or any(step.method is not Method.OVERWRITE for step in self.spec.plan)
        if not frozen or not asks or not self.spec.options.suspend_if_frozen:
            return can
        slept = thaw(self.runner, self.jobs, self.spec.id)
        self.context.note("suspend", slept=slept)
        self.nothing_lost = self.nothing_lost and not slept
        return read_capabilities(self.runner, self.target)

    def _bridged(self) -> bool:
        return bool(self.target.usb_bridge) or self.target.transport == "usb"

    def _smart(self, kind: str) -> None:
        values: dict[str, Any] = dict(read_smart(self.runner, self.target.path))
        self.context.note(kind, values=values)

    def _hidden(self, can: Capabilities) -> Reason | None:
        """Remove HPA and DCO; the disk may then be larger, here or after a power cycle."""
        areas = can.hidden
        if areas is None:
            self.context.note("hidden_areas", state=Hidden.UNKNOWN)
            return None
        facts = msgspec.to_builtins(areas)
        if not areas.hidden_sectors:
            known = self.look().facts.get("hidden_areas", {})
            lifted = known.get("state") in (Hidden.REMOVED, "pending")
            if self._kernel_sees_less(areas):
                # Lifted in the drive, but what it gave back is not in the device we would write.
                self.context.note("hidden_areas", **{**facts, **known, "state": "pending"})
                return self._reopen(areas.visible_sectors or 0, {**facts, **known})
            state = Hidden.REMOVED if lifted else Hidden.NONE
            self.context.note("hidden_areas", **{**facts, **known, "state": state})
            return None
        self.context.show(Phase.HIDDEN_AREAS)
        self.context.note("hidden_areas", state="pending", **facts)
        hidden.lift(self.runner, self.target.path, areas)
        has_dco = areas.dco_sectors is not None
        now = hidden.read_hidden(self.runner, self.target.path, has_dco=has_dco)
        if now is None or now.hidden_sectors:
            self.context.note("hidden_areas", **{**facts, "state": Hidden.LEFT})
            return None
        self.context.note("hidden_areas", **{**facts, "state": "pending"})
        return self._reopen(now.visible_sectors or 0, facts)

    def _hidden_after(self) -> Reason | None:
        """What a drive that was erasing itself when we came back keeps from us now."""
        sata = self.target.disk_kind in (DiskKind.HDD, DiskKind.SSD)
        return self._hidden(read_capabilities(self.runner, self.target)) if sata else None

    def _kernel_sees_less(self, areas: HiddenAreas) -> bool:
        """The kernel may keep the old size until a power cycle (nwipe #459), resumed or not."""
        shown = (areas.visible_sectors or 0) * self.target.logical_sector_bytes
        return shown > self.context.handle.size_bytes

    def _reopen(self, sectors: int, facts: dict[str, Any]) -> Reason | None:
        """Open the disk again with the size it has now."""
        size = sectors * self.target.logical_sector_bytes
        hidden.rescan(self.target.path)
        self.context.handle.close()
        handle = open_target(self.target)
        if isinstance(handle, Reason):
            return handle
        self.context.handle = handle
        if handle.size_bytes != size:
            return because(Code.POWER_CYCLE_NEEDED)
        self.target = msgspec.structs.replace(self.target, size_bytes=size)
        self.context.note("resized", size_bytes=size)
        self.context.note("hidden_areas", **{**facts, "state": Hidden.REMOVED})
        return None

    def _technique(self, before: Standing, can: Capabilities) -> Reason | None:
        technique = self.spec.plan[before.technique]
        beyond = left(technique.method, can.holds)
        if beyond:
            return beyond[0]  # attached, detached or shrunk since the plan was made
        if technique.method is not Method.OVERWRITE:
            return self._firmware(before, can)
        reason = Overwriting(
            self.context, self.spec, before, self.shown, self.nothing_lost, self._marks
        ).run()
        if reason is None and self.target.kind is TargetKind.BLOCK:
            self._smart("smart_after")
            self._count_again()
        return reason

    def _count_again(self) -> None:
        """What the drive holds now, and keeps from us: what came to light meanwhile counts."""
        can = read_capabilities(self.runner, self.target)
        if can.holds is not None:
            self.context.note("holds_after", **msgspec.to_builtins(can.holds))
        if can.hidden is not None and can.hidden.hidden_sectors:
            facts = msgspec.to_builtins(can.hidden)
            self.context.note("hidden_areas", **{**facts, "state": Hidden.LEFT})

    def _marks(self) -> Marks:
        """This moment; what is open is still the attachment this session began with."""
        count = power_cycles(self.runner, self.target)
        asleep_s = self.context.asleep()
        return msgspec.structs.replace(self.marks, power_cycles=count, asleep_s=asleep_s)

    def _firmware(self, before: Standing, can: Capabilities) -> Reason | None:
        """Sample, let the drive erase itself, sample again."""
        technique = self.spec.plan[before.technique]
        eraser = eraser_for(self.runner, self.spec, self.target, technique, can)
        if eraser is None:
            return because(Code.DISK_GONE)
        taken = _taken(before)
        sent = "command" in before.facts
        if not sent and (taken is None or not before.kept_sample):
            # Canaries planted before a power cycle may be lost: that would look like an erasure.
            answer = sampling.before(self.context)
            if isinstance(answer, Reason):
                return answer
            taken = answer
            # A blink of the drive's own power is no new attachment; its count tells.
            count = power_cycles(self.runner, self.target)
            self.context.note("sample_marks", power_cycles=count)
        if not before.facts.get("success"):
            reason = erase(self.context, eraser, before.facts)
            if reason is not None:
                return reason
            if can.sanitize_running and not self._bridged():
                # Busy, it said nothing of hidden areas; a power cycle may bring one back.
                reason = self._hidden_after()
                if reason is not None:
                    return reason
        standing = self.look()
        if taken is None or not standing.facts.get("success", {}).get("success"):
            return None
        tell = self._canaries_tell(standing)
        reason = sampling.after(self.context, taken, canaries_tell=tell)
        if reason is None:
            self._smart("smart_after")
            self._count_again()
        return reason

    def _canaries_tell(self, standing: Standing) -> bool:
        """Whether nothing can have taken them away since they were planted but the erasure."""
        planted = standing.facts.get("sample_marks", {}).get("power_cycles")
        counts = {planted, power_cycles(self.runner, self.target)} - {None}
        asleep_s = standing.facts.get("sample_before", {}).get("asleep_s")
        awake = isinstance(asleep_s, float) and self.context.asleep() - asleep_s < SLEPT_S
        return standing.kept_sample and awake and len(counts) < 2


def _taken(before: Standing) -> Sample | None:
    fact = before.facts.get("sample_before")
    try:
        return None if fact is None else msgspec.convert(fact, Sample)
    except msgspec.ValidationError:
        return None
