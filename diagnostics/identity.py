"""Who a disk is, and whether two looks at a disk saw the same one. Pure.

The one answer to "the same disk?", for guard, plan, resumption, journal, record, papers and
screens. It is yes, no, or *cannot be known*, and whoever asks must say what the third means.

A serial is an identity only where it is the disk's own. USB docks give every disk their own
serial, and makers of cheap disks and bridges repeat one number for ever: such a serial comes
with a `Doubt` and then says nothing, and neither does a WWN that came the same way. What is
left is the attachment: one plugging-in, counted by the kernel (`diskseq`) within one boot.
"""

from __future__ import annotations

import enum

import msgspec

_MIN_REPEATED = 4  # of one sign, and a serial is none
_MIN_MODEL = 4  # letters; a shorter common beginning of two models says nothing


class Same(enum.StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # cannot be known


class Doubt(enum.StrEnum):
    """Why the serial (and the WWN read with it) is not the disk's own."""

    BRIDGE = "bridge"  # told by a USB bridge, and the disk itself could not be asked
    SHARED = "shared"  # another disk that is present tells the same
    CONTRADICTED = "contradicted"  # the disk, asked through the bridge, tells another


class Attachment(msgspec.Struct, frozen=True):
    """One plugging-in. `diskseq` (Linux 5.15) grows with each and means nothing after a reboot;
    `inode` ("device:inode") is all an image file has."""

    boot_id: str | None = None
    diskseq: int | None = None
    port: str | None = None  # sysfs path: where it is plugged, not what is plugged there
    inode: str | None = None

    @property
    def token(self) -> str:
        """Equal for one and the same plugging-in; "" where the kernel does not count them."""
        if self.inode is not None:
            return f"inode {self.inode}"
        if self.boot_id is None or self.diskseq is None:
            return ""
        return f"{self.boot_id} {self.diskseq}"


class DiskIdentity(msgspec.Struct, frozen=True):
    """What one look at a disk saw. `None`: not read. `size_bytes` may grow when hidden areas
    are lifted, so it never tells two named disks apart."""

    model: str | None = None
    serial: str | None = None
    wwn: str | None = None  # WWN, EUI-64 or NGUID
    size_bytes: int | None = None
    attachment: Attachment = Attachment()
    doubt: Doubt | None = None

    @property
    def named(self) -> bool:
        """Whether it bears a number of its own, that a person finds again on its label."""
        return self.doubt is None and bool(plain_serial(self.serial) or plain_wwn(self.wwn))


def same(disk: DiskIdentity, other: DiskIdentity) -> Same:
    """Whether two looks saw one disk.

    Numbers of their own decide where both have one in common; else one plugging-in does. A
    different plugging-in proves nothing: the disk may have been put back.
    """
    if disk.named and other.named:
        return _by_numbers(disk, other)
    first, second = disk.attachment, other.attachment
    if first.token and first.token == second.token:
        return Same.YES if _sizes_fit(disk, other) else Same.NO
    if first.inode is not None and second.inode is not None:
        return Same.NO
    if not _sizes_fit(disk, other) or not _models_fit(disk.model, other.model):
        return Same.NO
    return Same.UNKNOWN


def _by_numbers(disk: DiskIdentity, other: DiskIdentity) -> Same:
    serials = plain_serial(disk.serial), plain_serial(other.serial)
    names = plain_wwn(disk.wwn), plain_wwn(other.wwn)
    if all(names):
        # Namespaces of one NVMe drive share its serial; a copied serial has another WWN.
        if names[0] != names[1]:
            return Same.NO
        return Same.YES if not all(serials) or serials[0] == serials[1] else Same.NO
    if not all(serials):
        return Same.UNKNOWN  # one tells only its serial, the other only its WWN
    if serials[0] != serials[1]:
        return Same.NO
    # Makers repeat each other's numbers ("0000", "1"): two models are two disks.
    return Same.YES if _models_fit(disk.model, other.model) else Same.NO


def _sizes_fit(disk: DiskIdentity, other: DiskIdentity) -> bool:
    return not disk.size_bytes or not other.size_bytes or disk.size_bytes == other.size_bytes


def _models_fit(model: str | None, other: str | None) -> bool:
    """Whether both may be one model: the kernel cuts SATA models after 16 letters."""
    first, second = _letters(model), _letters(other)
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) < _MIN_MODEL:
        return True
    return shorter in longer


def _letters(text: str | None) -> str:
    return "".join(character for character in (text or "").casefold() if character.isalnum())


def plain_serial(serial: str | None) -> str:
    """A serial without what its spellings add: sysfs pads, some bridges change capitals.

    One sign repeated ("0000000000") is what a drive tells that was given no serial.
    """
    text = "".join((serial or "").split()).upper()
    return text if len(set(text)) > 1 or len(text) < _MIN_REPEATED else ""


def plain_wwn(wwn: str | None) -> str:
    """A WWN, EUI-64 or NGUID as bare digits, without `naa.`, `eui.`, `0x`, dashes and spaces."""
    text = "".join((wwn or "").split()).lower()
    for mark in ("naa.", "eui.", "uuid.", "0x"):
        text = text.removeprefix(mark)
    digits = text.replace("-", "")
    return digits if digits.strip("0") else ""
