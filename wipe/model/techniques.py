"""What each technique is called in records: the standards' own words, once for all.

A name once in a record is read for ever: papers made years ago must still be put into words. So a
name here is added to, never changed.
"""

from __future__ import annotations

from wipe.model.spec import Method, Pass, PassKind

NAMES: dict[Method, str] = {
    Method.ATA_SANITIZE_CRYPTO: "CRYPTO SCRAMBLE EXT",
    Method.ATA_SANITIZE_BLOCK: "BLOCK ERASE EXT",
    Method.ATA_SANITIZE_OVERWRITE: "OVERWRITE EXT",
    Method.ATA_SECURITY_ENHANCED: "SECURITY ERASE UNIT (enhanced)",
    Method.ATA_SECURITY: "SECURITY ERASE UNIT",
    Method.NVME_SANITIZE_CRYPTO: "Sanitize: Crypto Erase",
    Method.NVME_SANITIZE_BLOCK: "Sanitize: Block Erase",
    Method.NVME_SANITIZE_OVERWRITE: "Sanitize: Overwrite",
    Method.NVME_FORMAT_CRYPTO: "Format NVM, SES=2 (cryptographic erase)",
    Method.NVME_FORMAT_USER: "Format NVM, SES=1 (user data erase)",
    Method.SCSI_SANITIZE_CRYPTO: "SANITIZE: CRYPTOGRAPHIC ERASE",
    Method.SCSI_SANITIZE_BLOCK: "SANITIZE: BLOCK ERASE",
    Method.SCSI_SANITIZE_OVERWRITE: "SANITIZE: OVERWRITE",
    Method.SCSI_FORMAT: "FORMAT UNIT",
    Method.MMC_SANITIZE: "eMMC: ERASE, SANITIZE",
    Method.MMC_SECURE_DISCARD: "eMMC: secure discard",
    Method.OPAL_PSID: "Opal Revert (PSID)",
}

_OVERWRITE = "Overwrite: "
_BYTES = {0x00: "zeros", 0xFF: "ones"}
_PASSES = ("random", *_BYTES.values())


def overwrite_name(passes: tuple[Pass, ...]) -> str:
    """The name of an overwrite by its passes: "Overwrite: zeros, random".

    Raises `KeyError` for a pattern no list has.
    """
    words = ("random" if each.kind is PassKind.RANDOM else _BYTES[each.byte] for each in passes)
    return f"{_OVERWRITE}{', '.join(words)}"


def read_name(name: str) -> tuple[Method, tuple[str, ...]] | None:
    """The method of a recorded name, and the words of its passes where it is an overwrite's.

    `None` for a name that none of ours ever was: another program's, or a hostile record's.
    """
    if name.startswith(_OVERWRITE):
        passes = tuple(name.removeprefix(_OVERWRITE).split(", "))
        return (Method.OVERWRITE, passes) if set(passes) <= set(_PASSES) else None
    return next(((method, ()) for method, said in NAMES.items() if said == name), None)
