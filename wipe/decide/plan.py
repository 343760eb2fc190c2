"""Which techniques, in which order, with what claim each: docs/facts/erasure.md. Pure.

The strongest technique the drive really supports comes first and overwriting
comes last; a technique that fails is followed by the next, and the claim falls
with it. What cannot be erased gives a `Refusal` with the next physical step.
"""

from __future__ import annotations

import msgspec

from diagnostics.learn import learn
from diagnostics.model import DiskKind
from wipe.decide.reach import left, told, unseen
from wipe.model.capabilities import Capabilities
from wipe.model.codes import Code, NextStep, Reason, because
from wipe.model.spec import Claim, Method, Pass, PassKind, Target, TargetKind, Technique, Verify
from wipe.model.steps import next_step
from wipe.model.techniques import NAMES, overwrite_name
from wipe.seen import naming
from wipe.seen.hybrid import is_hybrid

RANDOM = Pass(PassKind.RANDOM)
ZEROS = Pass(PassKind.PATTERN, 0x00)
ONES = Pass(PassKind.PATTERN, 0xFF)

# The names people ask for. None of them raises the claim: NIST SP 800-88r1 section 2.4 finds one
# pass enough on disks made after 2001; the lists are kept for contracts that still name them.
PASS_LISTS: dict[str, tuple[Pass, ...]] = {
    "random": (RANDOM,),
    "zero": (ZEROS,),
    "random_zero": (RANDOM, ZEROS),
    "random_twice": (RANDOM, RANDOM),
    "dod_5220_22_m": (ZEROS, ONES, RANDOM),
    "hmg_is5_baseline": (ZEROS,),
    "hmg_is5_enhanced": (ZEROS, ONES, RANDOM),
}

FLASH = frozenset(
    {DiskKind.SSD, DiskKind.NVME, DiskKind.SAS_SSD, DiskKind.EMMC, DiskKind.SD, DiskKind.UFS,
     DiskKind.USB_FLASH}
)  # fmt: skip
_ATA = frozenset({DiskKind.HDD, DiskKind.SSD})
_SCSI = frozenset({DiskKind.SAS_HDD, DiskKind.SAS_SSD})
_IEEE = "IEEE 2883-2022"


class Wish(msgspec.Struct, frozen=True):
    """What the person asked for; the default is: the best this drive can do."""

    technique: str = "auto"  # auto, overwrite, or a `Method` value
    passes: str | None = None  # a name of PASS_LISTS; None: what the kind of disk asks
    verify: Verify = Verify.FULL
    thaw: bool = False  # the machine may be suspended to thaw a frozen drive


class Plan(msgspec.Struct, frozen=True):
    """Techniques in the order they are tried. Never empty."""

    techniques: tuple[Technique, ...]
    notes: tuple[Reason, ...] = ()
    verify: Verify = Verify.FULL


class Refusal(msgspec.Struct, frozen=True):
    """Why there is no plan, and what a person can do next."""

    reason: Reason
    step: NextStep


learn(Plan, Refusal)


def plan(target: Target, capabilities: Capabilities, wish: Wish | None = None) -> Plan | Refusal:
    """The plan of one disk. Never raises."""
    wish = wish or Wish()
    refusal = _refusal(target, capabilities)
    if refusal is not None:
        return refusal
    overwrite = _overwrite(target, wish)
    if overwrite is None:
        return Refusal(
            because(Code.WISH_UNSUPPORTED, wish=wish.passes or ""), NextStep.ASK_SUPERVISOR
        )
    firmware = () if target.kind is TargetKind.IMAGE else _firmware(target, capabilities, wish.thaw)
    # A host-managed disk refuses writes out of order: nothing is left but what it does itself.
    every = firmware if target.zoned == "host-managed" else (*firmware, overwrite)
    if not every:
        return Refusal(because(Code.ZONED), NextStep.ASK_SUPERVISOR)
    wished = tuple(way for way in every if wish.technique in ("auto", way.method))
    if not wished:
        reason = because(Code.WISH_UNSUPPORTED, wish=wish.technique)
        return Refusal(reason, NextStep.ASK_SUPERVISOR)
    reaching = tuple(way for way in wished if not left(way.method, capabilities.holds))
    if not reaching:  # hours of work that could only end as failed
        reason = left(wished[-1].method, capabilities.holds)[0]
        return Refusal(reason, next_step(reason.code) or NextStep.ASK_SUPERVISOR)
    return _ordered(target, capabilities, wish, reaching)


def _ordered(
    target: Target, capabilities: Capabilities, wish: Wish, every: tuple[Technique, ...]
) -> Plan:
    """The techniques in their order, or the one that was asked for, with what to know of them."""
    if wish.technique != "auto":
        leaves = _leaves(target, capabilities, every[0])
        return Plan((_with(every[0], Code.WISHED),), leaves, wish.verify)
    firmware = every[0].method is not Method.OVERWRITE
    first = Code.STRONGEST_SUPPORTED if firmware else Code.ONLY_WAY
    ordered = (_with(every[0], first), *(_with(way, Code.FALLBACK) for way in every[1:]))
    notes = (*_notes(target, capabilities), *_leaves(target, capabilities, ordered[0]))
    return Plan(ordered, notes, wish.verify)


def _thaw_helps(target: Target, capabilities: Capabilities) -> bool:
    """Whether a frozen drive would erase itself in a better way, or at all, were it not."""
    frozen = _firmware(target, capabilities, thaw=False)
    return frozen[:1] != _firmware(target, capabilities, thaw=True)[:1]


def _with(technique: Technique, why: Code) -> Technique:
    return msgspec.structs.replace(technique, why=why)


def _refusal(target: Target, capabilities: Capabilities) -> Refusal | None:
    """Disks nothing can be promised about."""
    security = capabilities.security
    if target.size_bytes <= 0:
        return Refusal(because(Code.SIZE_UNKNOWN), NextStep.RECHECK_DISK)
    if target.disk_kind is DiskKind.OPTICAL:
        return Refusal(because(Code.OPTICAL), NextStep.DESTROY)
    if capabilities.behind_raid:
        return Refusal(because(Code.BEHIND_RAID), NextStep.PLUG_WITHOUT_RAID)
    if security is not None and security.locked and not capabilities.password_known:
        return Refusal(because(Code.LOCKED), NextStep.UNLOCK_OR_DESTROY)
    return None


def _leaves(target: Target, capabilities: Capabilities, technique: Technique) -> tuple[Reason, ...]:
    """What the technique may not reach, whoever chose it; the claim says it too."""
    method, holds = technique.method, capabilities.holds
    hybrid = is_hybrid(target.model) and technique.claim is not Claim.PURGE
    found = (because(Code.HYBRID_CACHE),) if hybrid else ()
    return (*found, *unseen(method, holds), *told(target, method, holds))


def _notes(target: Target, capabilities: Capabilities) -> tuple[Reason, ...]:
    """What the plan could not use, so that a person may do better."""
    found = []
    concealed = capabilities.hidden.hidden_sectors if capabilities.hidden else 0
    if concealed:
        found.append(because(Code.HIDDEN_AREA_FOUND, sectors=concealed))
    if naming.doubt_of(target) is not None:
        found.append(because(Code.SERIAL_DOUBTFUL))
    if capabilities.password_known:
        found.append(because(Code.LOCKED_BY_US))
    if _thaw_helps(target, capabilities):
        found.append(because(Code.FROZEN))
    over_usb = target.usb_bridge is not None or target.transport == "usb"
    if over_usb and target.disk_kind not in (DiskKind.USB_FLASH, DiskKind.SD):
        found.append(because(Code.USB_BRIDGE))
    if target.disk_kind is DiskKind.UNKNOWN and not over_usb and target.kind is TargetKind.BLOCK:
        found.append(because(Code.KIND_UNKNOWN))
    if not capabilities.read and target.kind is TargetKind.BLOCK:
        found.append(because(Code.CAPABILITIES_UNKNOWN))
    found += [because(Code.TOOL_MISSING, tool=tool) for tool in capabilities.tools_missing]
    return tuple(found)


def _overwrite(target: Target, wish: Wish) -> Technique | None:
    """Passes by wish, else one random pass; flash behind a card or stick gets two."""
    twice = target.disk_kind in (DiskKind.SD, DiskKind.USB_FLASH)
    name = wish.passes or ("random_twice" if twice else "random")
    passes = PASS_LISTS.get(name)
    if passes is None:
        return None
    return Technique(
        name=overwrite_name(passes),
        method=Method.OVERWRITE,
        claim=Claim.CLEAR,
        why=Code.FALLBACK,
        passes=passes,
    )


def _firmware(target: Target, capabilities: Capabilities, thaw: bool) -> tuple[Technique, ...]:
    """What the drive does itself, strongest first."""
    if target.usb_bridge is not None or target.transport == "usb":
        return ()  # a bridge may take the password and refuse the erase; never over USB
    kind = target.disk_kind
    if kind in _ATA:
        return _ata(kind, capabilities, thaw)
    if kind is DiskKind.NVME:
        return _nvme(capabilities)
    if kind in _SCSI:
        return _scsi(kind, capabilities)
    if kind is DiskKind.EMMC:
        return _emmc(capabilities)
    return ()


def _technique(method: Method, claim: Claim, standard: str | None = None) -> Technique:
    name = NAMES[method]
    return Technique(name=name, method=method, claim=claim, why=Code.FALLBACK, standard=standard)


def _ata(kind: DiskKind, can: Capabilities, thaw: bool) -> tuple[Technique, ...]:
    found = []
    sanitize = () if can.sanitize_frozen and not thaw else can.sanitize
    purge = Claim.PURGE
    crypto = _technique(Method.ATA_SANITIZE_CRYPTO, purge, _IEEE)
    if kind is DiskKind.SSD and "block" in sanitize:
        found.append(_technique(Method.ATA_SANITIZE_BLOCK, purge, _IEEE))
    if "crypto" in sanitize:
        found.append(crypto)
    if kind is DiskKind.HDD and "overwrite" in sanitize:
        found.append(_technique(Method.ATA_SANITIZE_OVERWRITE, purge, _IEEE))
    if can.opal_psid:
        found.append(_technique(Method.OPAL_PSID, Claim.CLEAR))
    security = can.security
    usable = security is not None and security.supported and (thaw or not security.frozen)
    free = security is not None and (not security.enabled or can.password_known)
    if security is not None and usable and free:
        if security.enhanced:
            found.append(_technique(Method.ATA_SECURITY_ENHANCED, Claim.CLEAR))
        if kind is DiskKind.SSD or not security.enhanced:
            found.append(_technique(Method.ATA_SECURITY, Claim.CLEAR))
    return tuple(found)


def _nvme(can: Capabilities) -> tuple[Technique, ...]:
    found = []
    purge = Claim.PURGE
    if "block" in can.sanitize:
        found.append(_technique(Method.NVME_SANITIZE_BLOCK, purge, _IEEE))
    if "crypto" in can.sanitize:
        found.append(_technique(Method.NVME_SANITIZE_CRYPTO, purge, _IEEE))
    if can.format_crypto:
        found.append(_technique(Method.NVME_FORMAT_CRYPTO, Claim.CLEAR))
    if can.format_user:
        found.append(_technique(Method.NVME_FORMAT_USER, Claim.CLEAR))
    return tuple(found)


def _scsi(kind: DiskKind, can: Capabilities) -> tuple[Technique, ...]:
    found = []
    purge = Claim.PURGE
    if "block" in can.sanitize and kind is DiskKind.SAS_SSD:
        found.append(_technique(Method.SCSI_SANITIZE_BLOCK, purge, _IEEE))
    if "crypto" in can.sanitize:
        found.append(_technique(Method.SCSI_SANITIZE_CRYPTO, purge, _IEEE))
    if "overwrite" in can.sanitize and kind is DiskKind.SAS_HDD:
        found.append(_technique(Method.SCSI_SANITIZE_OVERWRITE, purge, _IEEE))
    if can.format_unit:
        found.append(_technique(Method.SCSI_FORMAT, Claim.CLEAR))
    return tuple(found)


def _emmc(can: Capabilities) -> tuple[Technique, ...]:
    """SANITIZE only cleans what is unmapped, so the erase of all areas belongs to it."""
    found = []
    if can.sanitize:
        found.append(_technique(Method.MMC_SANITIZE, Claim.CLEAR))
    if can.secure_discard:
        found.append(_technique(Method.MMC_SECURE_DISCARD, Claim.CLEAR))
    return tuple(found)
