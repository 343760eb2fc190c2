"""IDENTIFY DEVICE data, and the identity pages made of the same facts (ACS, SPC)."""

from __future__ import annotations

from tests.vm.drive.core import Core

FIRMWARE = "ET10"


def checksummed(page: bytearray, mark: int | None = None) -> bytes:
    """512 bytes whose sum is zero; word 255 of IDENTIFY also carries the mark A5h."""
    if mark is not None:
        page[510] = mark
    page[511] = -sum(page[:511]) & 0xFF
    return bytes(page)


def _text(words: list[int], at: int, length: int, text: str) -> None:
    """ATA strings: two characters a word, the first in the high byte."""
    raw = text.encode("ascii", "replace")[: length * 2].ljust(length * 2)
    for number in range(length):
        words[at + number] = raw[2 * number] << 8 | raw[2 * number + 1]


def _security_word(core: Core) -> int:
    """Word 128: security status."""
    state, profile = core.state, core.profile
    if not profile.security:
        return 0
    word = 1
    word |= 2 if state.user_password is not None else 0
    word |= 4 if state.locked else 0
    word |= 8 if state.frozen else 0
    word |= 16 if state.attempts_left == 0 else 0
    word |= 32 if profile.enhanced else 0
    word |= 256 if state.maximum_level else 0
    return word


def _sanitize_word(core: Core) -> int:
    """Word 59, upper part: which SANITIZE operations there are."""
    bits = {"block": 0x8000, "overwrite": 0x4000, "crypto": 0x2000}
    word = sum(bits[name] for name in core.profile.sanitize)
    return word | 0x1400 if word else 0  # feature set, ANTIFREEZE LOCK


def identify_words(core: Core) -> list[int]:
    """The 256 words, without checksum."""
    profile, state = core.profile, core.state
    words = [0] * 256
    words[0], words[1], words[3], words[6] = 0x0040, 16383, 16, 63
    _text(words, 10, 10, core.serial.rjust(20) if core.serial else "")
    _text(words, 23, 4, FIRMWARE)
    _text(words, 27, 20, profile.model)
    words[47], words[49], words[50], words[53] = 0x8010, 0x2F00, 0x4000, 0x0007
    words[59] = _sanitize_word(core)
    short = min(core.visible, 0x0FFFFFFF)
    words[60], words[61] = short & 0xFFFF, short >> 16
    words[63], words[64] = 0x0007, 0x0003
    words[65] = words[66] = words[67] = words[68] = 120
    words[75], words[76] = 31, 0x000E
    words[80] = 0x07F0  # ATA-4 to ACS-3
    hidden = 1 if profile.hides and not profile.amac else 0
    security = 2 if profile.security else 0
    words[82] = 0x4069 | security | hidden << 10  # SMART, PM, cache, look-ahead, NOP
    words[83] = 0x7400 | hidden << 8 | (1 << 11 if profile.dco_sectors else 0)
    words[84] = 0x4023 | (1 << 8 if profile.wwn else 0)  # SMART logs and self-test, GPL, WWN
    enabled = 2 if state.user_password is not None else 0
    words[85] = 0x4049 | enabled | hidden << 10 | (0x20 if profile.volatile_cache else 0)
    words[86] = 0x3400 | (1 << 11 if profile.dco_sectors else 0)
    words[87] = words[84]
    words[88] = 0x407F
    if profile.security:
        words[89] = 1  # times two minutes
        words[90] = 1 if profile.enhanced else 0
        words[92] = state.master_identifier
    for number in range(4):
        words[100 + number] = core.visible >> 16 * number & 0xFFFF
    words[106] = 0x6003  # eight logical sectors in a physical one
    for number in range(4):
        words[108 + number] = core.wwn >> 48 - 16 * number & 0xFFFF if profile.wwn else 0
    words[119] = words[120] = 0x4000 | (1 << 8 if profile.amac else 0)
    words[128] = _security_word(core)
    words[168] = 3  # 2.5 inch
    words[217] = 1 if profile.flash else 5400
    words[222] = 0x10FF
    return words


def identify(core: Core) -> bytes:
    """IDENTIFY DEVICE data: 512 bytes."""
    page = bytearray(b"".join(word.to_bytes(2, "little") for word in identify_words(core)))
    return checksummed(page, 0xA5)
