"""What one recorded erasure says of its disk, and whether its own evidence carries it. Pure.

The one place that lowers a claim: tables, labels, papers, grades and exports read what comes
out of here, and a paper that is read back is held against the same rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bench.records.kinds.machine import DiskName, EraseDone, ErasePlanned
from diagnostics.identity import Attachment, DiskIdentity, Doubt

ERASED = ("purge", "clear")
OVERWRITE = "Overwrite:"  # how `wipe.model.techniques` begins the name of one
# An attempt that says nothing more than this left the disk as it was.
_WITHOUT_EFFECT = ("refused", "none")
# Of such an attempt nobody knows what it did: its journal, its order or its record is spoilt.
_SPOILT = frozenset({"journal_damaged", "spec_unreadable", "spec_changed", "record_unreadable"})
# What is missing is a name to attest by: that is no failure of the erasure.
_NAMELESS = ("serial_unknown", "serial_doubtful")


@dataclass(frozen=True)
class Erasure:
    """One erasure as recorded: its event and what may be believed of it."""

    event: str  # hash, hex
    bench: str
    at: str
    operator: str
    data: EraseDone
    ordered: bool = False  # only its order is on record, not its end

    @cached_property  # a fold asks ten times
    def why(self) -> str | None:
        """Why a claim of erasure is not carried; `None` where it is, or where there is none."""
        return why_not_of(self.data)

    @cached_property
    def claim(self) -> str:
        """The claim that may be shown: as told, or lowered."""
        return lowered(_most(self.data), self.why)

    @property
    def without_effect(self) -> bool:
        """Whether it certainly left the disk as it was, so that it undoes nothing."""
        if self.data.claim not in _WITHOUT_EFFECT:
            return False
        return _SPOILT.isdisjoint(code for code, _ in reasons(self.data))


def claim_of(data: EraseDone) -> str:
    """The claim that may be shown of this erasure alone."""
    return lowered(_most(data), why_not_of(data))


def _most(data: EraseDone) -> str:
    """The most its technique can reach: what is written over by ordinary writes is cleared, for a
    drive keeps sectors back from them. No bench of ours says more; another may."""
    return "clear" if data.claim == "purge" and data.technique.startswith(OVERWRITE) else data.claim


def why_not_of(data: EraseDone) -> str | None:
    if data.claim not in ERASED:
        return None
    return why_not(
        bad_sectors=data.bad_sectors or 0,
        sectors=checked_sectors(data),
        mismatches=data.verified.mismatches if data.verified else 0,
        places=places(data),
        hidden=hidden_word(data.hidden_areas),
        journal=data.journal_hash,
        named=identity_of(data.disk).named or is_image(data),
        doubt=data.disk.doubt,
    )


def why_not(
    *,
    bad_sectors: int,
    sectors: int,
    mismatches: int,
    places: int,
    hidden: str,
    journal: str,
    named: bool,
    doubt: str,
) -> str | None:
    """A code for what keeps "erased" from being carried; `None` where nothing does."""
    if bad_sectors:
        return "unwritten_sectors"
    if mismatches:
        return "mismatches"
    if sectors <= 0 and places <= 0:
        return "unverified"
    if hidden == "left":
        return "hidden_area_left"
    if not journal:
        return "journal_missing"
    if doubt:
        return "serial_doubtful"
    return None if named else "serial_unknown"


def lowered(claim: str, why: str | None) -> str:
    """The claim once `why` is known. A disk nobody can name is not said to have failed."""
    if why is None:
        return claim
    return "none" if unattested(why) else "failed"


def unattested(why: str | None) -> bool:
    """Whether a disk was erased and read back, and only a name to attest it by is missing.

    The one answer, for `erase`, `jobs`, papers and the review; its word: `[unattested]`, wipe.toml.
    """
    return why in _NAMELESS


def under_way(data: ErasePlanned) -> EraseDone:
    """An erasure begun and not ended on record: nobody may call its disk erased."""
    return EraseDone(
        job=data.job,
        disk=data.disk,
        technique=data.technique,
        claim="interrupted",
        reasons=[{"code": "under_way"}],
    )


def reasons(data: EraseDone) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The reason codes with their values; what is no reason is left out."""
    for item in data.reasons if isinstance(data.reasons, (list, tuple)) else ():
        if isinstance(item, str):
            yield item, {}
        elif isinstance(item, Mapping) and isinstance(item.get("code"), str):
            values = item.get("values")
            yield item["code"], values if isinstance(values, Mapping) else {}


def checked_sectors(data: EraseDone) -> int:
    """Sectors read back, whole or by sample; a way of looking nobody knows counts for none."""
    known = data.verified is not None and data.verified.method in ("full", "sample")
    return data.verified.sectors if known and data.verified else 0


def places(data: EraseDone) -> int:
    """Places of a drive's own erasure that were read before and after, and changed."""
    found = [values.get("places") for code, values in reasons(data) if code == "sample_changed"]
    return max((n for n in found if isinstance(n, int) and not isinstance(n, bool)), default=0)


def hidden_word(value: object) -> str:
    """The state of hidden areas, told alone or as `{"state": word}`."""
    state = value.get("state") if isinstance(value, Mapping) else value
    return state if isinstance(state, str) else "unknown"


def is_image(data: EraseDone) -> bool:
    """An image file: it has no number, and no number is missing."""
    return any(code == "image_file" for code, _ in reasons(data))


def identity_of(name: DiskName) -> DiskIdentity:
    """Who the disk of an event is."""
    return DiskIdentity(
        model=name.model or None,
        serial=name.serial or None,
        wwn=name.wwn or None,
        size_bytes=name.size_bytes or None,
        attachment=_attachment(name.attachment),
        doubt=doubt_of(name.doubt),
    )


def name_of(identity: DiskIdentity) -> DiskName:
    """The same as an event holds it."""
    return DiskName(
        model=identity.model,
        serial=identity.serial,
        size_bytes=identity.size_bytes,
        wwn=identity.wwn,
        attachment=identity.attachment.token,
        doubt=identity.doubt.value if identity.doubt else "",
    )


def doubt_of(word: object) -> Doubt | None:
    """The doubt a record names; one this version does not know is a doubt all the same."""
    if not isinstance(word, str) or not word:
        return None
    return Doubt(word) if word in list(Doubt) else Doubt.BRIDGE


def _attachment(token: str) -> Attachment:
    first, _, second = token.partition(" ")
    if first == "inode":
        return Attachment(inode=second)
    # As far as a 64-bit counter goes: text of a foreign record is never converted at length.
    if second.isascii() and second.isdigit() and len(second) < 20:
        return Attachment(boot_id=first, diskseq=int(second))
    return Attachment()
