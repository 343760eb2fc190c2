"""What may be claimed of a disk. Pure: evidence in, decision out, nothing rounded up.

Rules of docs/facts/erasure.md. Purge needs every item: a technique that can
reach it, read capabilities, a known serial, the command accepted, seen in
progress, seen successful (idle ATA drives report "success" when nothing ran),
and a sample that changed everywhere it could tell. A missing item drops to
Clear or Failed. Overwriting never reaches Purge here, and reaches Clear only
when every sector was written and read back, in one look that no power cycle, boot or other
attachment broke: what was read before one is evidence of nothing after it.
"""

from __future__ import annotations

import enum

import msgspec

from diagnostics.learn import learn
from wipe.decide import second_look
from wipe.decide.reach import reaches_all
from wipe.decide.second_look import SecondLook
from wipe.model.codes import Code, Reason, because
from wipe.model.spec import Claim, Method, TargetKind, Verify

MIN_SAMPLE = 1000  # SP 800-88r1 section 4.7: at least a thousand subsections
MIN_TELLING = 64  # sampled places that were not blank, or held a canary


class Hidden(enum.StrEnum):
    """Areas the host cannot address: HPA, DCO, AMA."""

    NONE = "none"
    REMOVED = "removed"
    LEFT = "left"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"  # not an ATA drive


class SampleEvidence(msgspec.Struct, frozen=True):
    """The same places before and after, and fresh ones after. Counts of places."""

    taken: int = 0
    telling: int = 0  # not blank before, or a canary was planted
    changed: int = 0
    unchanged: int = 0
    unreadable: int = 0
    canaries: int = 0
    fresh_taken: int = 0
    fresh_structured: int = 0  # neither uniform, nor periodic, nor noise
    fresh_unreadable: int = 0
    whole: bool = False  # the sample is the whole disk (tiny disks)


class Verification(msgspec.Struct, frozen=True):
    """A read-back against the recomputed stream. Sectors are logical sectors."""

    method: Verify
    sectors: int = 0
    wanted_sectors: int = 0
    mismatches: int = 0
    unreadable: int = 0
    complete: bool = False


class Evidence(msgspec.Struct, frozen=True):
    """All that is known at the end of a job. Defaults are the worst."""

    method: Method
    reachable: Claim
    target_kind: TargetKind = TargetKind.BLOCK
    began: bool = False
    interrupted: Reason | None = None
    failure: Reason | None = None  # what ended the job for good
    flash: bool | None = None
    hybrid: bool = False  # a rotating disk with a flash cache of its own
    kind_unknown: bool = False  # the drive was never asked what more it could do
    boot_areas_left: bool = False  # eMMC: hardware partitions of their own, never written here
    serial_known: bool = False
    serial_doubtful: bool = False  # told by a bridge, or by another disk too: not the disk's own
    capabilities_known: bool = False
    hidden: Hidden = Hidden.UNKNOWN
    fell_back: bool = False
    earlier: tuple[Reason, ...] = ()  # why the techniques before this one failed
    # overwriting
    passes_wanted: int = 0
    passes_done: int = 0
    unwritten_sectors: int | None = None
    flushed: bool = False
    direct: bool = False
    verification: Verification | None = None
    unbroken: bool = False  # the read-back was one look, from its beginning to its end
    second_look: SecondLook | None = None
    healed_sectors: int = 0  # unreadable before by the drive's own count, no more after
    forgotten: bool = False  # after a power cycle the drive missed what it had confirmed
    # firmware methods
    accepted: bool = False
    in_progress_seen: bool = False
    success_seen: bool = False
    drive_failed: bool = False
    attested: bool = False  # NVMe: PREQ accepted and PRGD read back
    namespaces_left: bool | None = None  # None: the disk has no namespaces
    # By the drive's own count, before and after (reach.py): where data may remain, what only the
    # drive says it erased, and what a reader must know.
    left: tuple[Reason, ...] = ()
    unseen: tuple[Reason, ...] = ()
    told: tuple[Reason, ...] = ()
    sample: SampleEvidence | None = None
    power_cycle_sample: SampleEvidence | None = None


learn(Evidence)


class Decision(msgspec.Struct, frozen=True):
    claim: Claim
    reasons: tuple[Reason, ...]


def decide(evidence: Evidence) -> Decision:
    """The claim the evidence carries, with every reason for it."""
    if evidence.interrupted is not None:
        return Decision(Claim.INTERRUPTED, (evidence.interrupted,))
    if not evidence.began:
        return Decision(Claim.NONE, (evidence.failure or because(Code.NOTHING_DONE),))
    overwrite = evidence.method is Method.OVERWRITE
    against = _against_overwrite(evidence) if overwrite else _against_firmware(evidence)
    if evidence.failure is not None:
        against = [evidence.failure, *(reason for reason in against if reason != evidence.failure)]
    if against:
        return Decision(Claim.FAILED, tuple(against))
    lowering = _lowering(evidence)
    reaches = evidence.reachable is Claim.PURGE and not overwrite
    claim = Claim.PURGE if reaches and not lowering else Claim.CLEAR
    if evidence.reachable not in (Claim.PURGE, Claim.CLEAR):
        claim = Claim.FAILED  # a plan that promises nothing cannot give more
    return Decision(claim, (*lowering, *_notes(evidence)))


def _against_overwrite(evidence: Evidence) -> list[Reason]:
    """Everything that makes an overwriting worthless as a claim."""
    found = []
    if evidence.unwritten_sectors is None or evidence.unwritten_sectors > 0:
        found.append(because(Code.UNWRITTEN_SECTORS, sectors=evidence.unwritten_sectors or 0))
    if evidence.passes_wanted < 1 or evidence.passes_done < evidence.passes_wanted:
        found.append(
            because(Code.PASSES_MISSING, done=evidence.passes_done, wanted=evidence.passes_wanted)
        )
    if not evidence.flushed:
        found.append(because(Code.FLUSH_FAILED))
    if evidence.hidden is Hidden.LEFT:
        found.append(because(Code.HIDDEN_AREA_LEFT))
    if not evidence.direct and evidence.target_kind is TargetKind.BLOCK:
        found.append(because(Code.CACHED_READ))
    found += evidence.left
    found += second_look.against(evidence.second_look)
    if evidence.verification is not None and not evidence.unbroken:
        found.append(because(Code.READ_BACK_BROKEN))
    return found + _against_verification(evidence.verification)


def _against_verification(check: Verification | None) -> list[Reason]:
    if check is None or not check.complete or check.sectors < 1:
        return [because(Code.UNVERIFIED)]
    found = []
    if check.mismatches:
        found.append(because(Code.MISMATCHES, sectors=check.mismatches))
    if check.unreadable:
        found.append(because(Code.UNREADABLE_SECTORS, sectors=check.unreadable))
    enough = check.wanted_sectors
    if check.method is Verify.SAMPLE:
        enough = min(enough, MIN_SAMPLE)
    if check.sectors < enough or check.wanted_sectors < 1:
        found.append(
            because(Code.PARTLY_VERIFIED, sectors=check.sectors, wanted=check.wanted_sectors)
        )
    return found


def _against_firmware(evidence: Evidence) -> list[Reason]:
    """Everything that makes a drive's own erasure unbelievable."""
    found = []
    if evidence.drive_failed:
        found.append(because(Code.DRIVE_FAILED))
    if not evidence.accepted:
        found.append(because(Code.NOT_ACCEPTED))
    if not evidence.success_seen:
        found.append(because(Code.SUCCESS_NOT_SEEN))
    if evidence.namespaces_left:
        found.append(because(Code.NAMESPACES_LEFT))
    if evidence.hidden is Hidden.LEFT and not reaches_all(evidence.method):
        found.append(because(Code.HIDDEN_AREA_LEFT))
    found += evidence.left
    if evidence.unwritten_sectors:
        found.append(because(Code.UNWRITTEN_SECTORS, sectors=evidence.unwritten_sectors))
    if evidence.sample is None or evidence.sample.taken < 1:
        return [*found, because(Code.SAMPLE_MISSING)]
    for sample in (evidence.sample, evidence.power_cycle_sample):
        found += [] if sample is None else _against_sample(sample)
    if evidence.success_seen and any(reason.code is Code.SAMPLE_UNCHANGED for reason in found):
        found.insert(0, because(Code.DRIVE_LIES))
    return found


def _against_sample(sample: SampleEvidence) -> list[Reason]:
    found = []
    if sample.unchanged:
        found.append(because(Code.SAMPLE_UNCHANGED, places=sample.unchanged, of=sample.telling))
    if sample.unreadable or sample.fresh_unreadable:
        places = sample.unreadable + sample.fresh_unreadable
        found.append(because(Code.SAMPLE_UNREADABLE, places=places))
    if sample.fresh_structured:
        found.append(because(Code.FRESH_SAMPLE_STRUCTURED, places=sample.fresh_structured))
    if sample.telling < 1 or sample.changed + sample.unchanged < 1:
        found.append(because(Code.SAMPLE_TOO_SMALL, places=sample.telling))
    return found


def _lowering(evidence: Evidence) -> list[Reason]:
    """What keeps a firmware erasure from Purge without making it worthless."""
    if evidence.method is Method.OVERWRITE:
        return []
    found = []
    if evidence.reachable is not Claim.PURGE:
        found.append(because(Code.TECHNIQUE_REACHES_CLEAR))
    elif not evidence.in_progress_seen:
        found.append(because(Code.PROGRESS_NOT_SEEN))
    if not evidence.capabilities_known:
        found.append(because(Code.CAPABILITIES_UNKNOWN))
    if not evidence.serial_known:
        found.append(because(Code.SERIAL_UNKNOWN))
    if evidence.serial_doubtful:
        found.append(because(Code.SERIAL_DOUBTFUL))
    if evidence.hidden is Hidden.LEFT:
        found.append(because(Code.HIDDEN_AREA_LEFT))
    if evidence.hidden is Hidden.UNKNOWN:
        found.append(because(Code.HIDDEN_AREA_UNKNOWN))
    if not evidence.direct:
        found.append(because(Code.CACHED_READ))
    found += evidence.unseen
    sample = evidence.sample
    if sample is None or not sample.whole:
        taken = 0 if sample is None else min(sample.taken, sample.fresh_taken)
        telling = 0 if sample is None else min(sample.telling, sample.changed)
        if taken < MIN_SAMPLE or telling < MIN_TELLING:
            found.append(because(Code.SAMPLE_TOO_SMALL, places=min(taken, telling)))
    return found


def _notes(evidence: Evidence) -> list[Reason]:
    """What a reader of the attestation must know although it does not lower the claim."""
    overwrite = evidence.method is Method.OVERWRITE
    found = _notes_overwrite(evidence) if overwrite else _notes_firmware(evidence)
    block = evidence.target_kind is TargetKind.BLOCK
    if not evidence.serial_known and block and overwrite:
        found.append(because(Code.SERIAL_UNKNOWN))
    if evidence.serial_doubtful and overwrite:
        found.append(because(Code.SERIAL_DOUBTFUL))
    if evidence.target_kind is TargetKind.IMAGE:
        found.append(because(Code.IMAGE_FILE))
    else:  # an image file has no power to lose
        found.append(_power_cycle_note(evidence))
    if evidence.hybrid and evidence.reachable is not Claim.PURGE:
        found.append(because(Code.HYBRID_CACHE))  # only SANITIZE reaches both media
    if evidence.kind_unknown:
        found.append(because(Code.KIND_UNKNOWN))
    if evidence.boot_areas_left:
        found.append(because(Code.BOOT_AREAS_LEFT))
    found += evidence.told
    if evidence.fell_back:  # the last of all: what follows is history (`history_from`)
        found += [because(Code.FELL_BACK), *evidence.earlier]
    return found


def _notes_overwrite(evidence: Evidence) -> list[Reason]:
    """How it was read back, and what overwriting could not reach."""
    check = evidence.verification
    if check is None:
        return []
    full = check.method is Verify.FULL
    found = [because(Code.FULLY_VERIFIED if full else Code.SAMPLE_VERIFIED, sectors=check.sectors)]
    if evidence.hidden is Hidden.UNKNOWN and evidence.target_kind is TargetKind.BLOCK:
        found.append(because(Code.HIDDEN_AREA_UNKNOWN))
    if evidence.flash:
        found.append(because(Code.FLASH_OVERWRITTEN))
    if not evidence.direct:
        found.append(because(Code.CACHED_READ))
    if evidence.healed_sectors and full:
        found.append(because(Code.UNREADABLE_REWRITTEN, sectors=evidence.healed_sectors))
    if evidence.forgotten:
        found.append(because(Code.WRITES_FORGOTTEN))
    return found


def _notes_firmware(evidence: Evidence) -> list[Reason]:
    """What was looked at again, and what the drive itself says."""
    if evidence.sample is None:
        return []
    found = [because(Code.SAMPLE_CHANGED, places=evidence.sample.changed)]
    if evidence.attested:
        found.append(because(Code.DEVICE_ATTESTED))
    return found


def _power_cycle_note(evidence: Evidence) -> Reason:
    """Whether it was looked at again once its power had been off."""
    look, sample = evidence.second_look, evidence.power_cycle_sample
    if evidence.method is not Method.OVERWRITE:
        return second_look.told(None if sample is None else sample.changed)
    enough = look is not None and look.enough(MIN_SAMPLE)
    return second_look.told(look.places if look is not None and enough else None)
