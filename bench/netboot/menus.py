"""The menus that start a PC over the network, from the words of the stick's own menu. Pure."""

from __future__ import annotations

import re

import msgspec

_WORDS = re.compile(r'^set (etabli|quiet|never)="([^"$]*)"$', re.MULTILINE)
_HASH = re.compile(r"(?:^| )etabli\.verity=([0-9a-f]{64})(?: |$)")
SYSTEM = "system.squashfs"
KERNEL, INITRD = "vmlinuz", "initrd"


class Words(msgspec.Struct, frozen=True):
    """A kernel's command line but for where its system is, and the root hash within."""

    line: str
    system: str


def words_of(menu: str) -> Words | None:
    """What live/grub.cfg of an image says to the kernel; `None` where it is no menu of ours."""
    found = dict(_WORDS.findall(menu))
    if set(found) != {"etabli", "quiet", "never"}:
        return None
    told = " ".join(found[name] for name in ("etabli", "quiet", "never"))
    system = _HASH.search(told)
    if system is None:
        return None
    # By its UUID a stick is found: there is none to look for.
    plain = [word for word in told.split() if not word.startswith("etabli.uuid=")]
    return Words(" ".join(plain), system[1])


def kernel_line(words: Words, url: str, *, erase_unkept: bool) -> str:
    """All the kernel is told. `url`: where the system is fetched from."""
    allowed = " etabli.unkept=erase" if erase_unkept else ""
    return f"{words.line} etabli.net={url}{allowed}"


def grub_menu(line: str) -> str:
    """For UEFI: read by Debian's signed GRUB as `grub/grub.cfg` of the TFTP server."""
    start = '    echo "Chargement..."'
    entries = "\n".join(
        f'menuentry "{title}" {{\n{start}\n'
        f"    linux /{KERNEL} {line}{more} BOOTIF=01-$net_default_mac\n    initrd /{INITRD}\n}}"
        for title, more in _ENTRIES
    )
    return f"set timeout=3\nset default=0\ninsmod all_video\nset gfxpayload=keep\n{entries}\n"


def pxelinux_menu(line: str) -> str:
    """For BIOS: PXELINUX's `pxelinux.cfg/default`. Enter, or three seconds, start the first."""
    start = f"  KERNEL {KERNEL}\n  INITRD {INITRD}\n  SYSAPPEND 2\n  APPEND"  # 2: BOOTIF
    labels = "\n".join(
        f"LABEL {number}\n{start} {line}{more}" for number, (_, more) in enumerate(_ENTRIES, 1)
    )
    said = "\n".join(f"SAY {number} : {title}" for number, (title, _) in enumerate(_ENTRIES, 1))
    return f"DEFAULT 1\nPROMPT 1\nTIMEOUT 30\n{said}\n{labels}\n"


# Without accents: firmware fonts lack them.
_ENTRIES = (
    ("ETABLI, par le reseau", ""),
    ("ETABLI, affichage simple (si l'ecran reste noir)", " nomodeset"),
)
