"""What a source asks that only root may: as data, beside the source that asks it.

Where the screens run as an ordinary user, a small service asks it for them
(`diagnostics.served`), and nothing that is not listed here word for word: a new source says
what it asks, or is told "denied".
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence


class Word(enum.Enum):
    """A word of a command that differs from machine to machine."""

    DISK = enum.auto()  # the device of a block device the kernel shows
    FROM_DISK = enum.auto()  # "if=" and such a device
    INTERFACE = enum.auto()  # a network interface the kernel shows
    ADAPTER = enum.auto()  # a Bluetooth adapter the kernel shows
    NUMBER = enum.auto()  # the number of such an adapter
    KEYMAP = enum.auto()  # a keyboard's table of the live stick
    MOMENT = enum.auto()  # seconds since 1970, for `date`


# One command: words as they stand, one word of several, or one that the kernel must show.
Command = tuple[str | frozenset[str] | Word, ...]
Names = Callable[[str], tuple[str, ...] | None]  # `Runner.names`

KEYMAPS = "/usr/lib/etabli/keymaps"
_MOMENT = re.compile(r"--set=@[0-9]{9,10}")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.!-]{0,63}")


def shown(names: Names, word: Word) -> frozenset[str]:
    """What may stand for `word` on this machine, now."""
    folder = {
        Word.DISK: "/sys/class/block",
        Word.FROM_DISK: "/sys/class/block",
        Word.INTERFACE: "/sys/class/net",
        Word.ADAPTER: "/sys/class/bluetooth",
        Word.NUMBER: "/sys/class/bluetooth",
        Word.KEYMAP: KEYMAPS,
    }[word]
    found = [name for name in names(folder) or () if _PLAIN.fullmatch(name) and ".." not in name]
    if word in (Word.DISK, Word.FROM_DISK):  # "!" stands for "/" in sysfs: cciss!c0d0
        before = "/dev/" if word is Word.DISK else "if=/dev/"
        return frozenset(before + name.replace("!", "/") for name in found)
    if word is Word.KEYMAP:
        return frozenset(f"{KEYMAPS}/{name}" for name in found)
    if word is Word.NUMBER:
        return frozenset(name.removeprefix("hci") for name in found)
    return frozenset(found)


def fits(command: Command, argv: Sequence[str], names: Names) -> bool:
    """Whether a command line is this command, for something the kernel shows now."""
    if len(argv) != len(command):
        return False
    for wanted, given in zip(command, argv, strict=True):
        if isinstance(wanted, str):
            good = given == wanted
        elif wanted is Word.MOMENT:
            good = _MOMENT.fullmatch(given) is not None
        elif isinstance(wanted, Word):
            good = given in shown(names, wanted)
        else:
            good = given in wanted
        if not good:
            return False
    return True
