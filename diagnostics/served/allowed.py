"""All that the probe service does for others: the commands and files that sources declare.

Pure. A command is compared word by word, a file by its whole name; what a kernel name may be is
read from the kernel at that moment. There is no option here that changes a disk: the strongest
thing anybody can ask for is a test a drive makes of itself (tests/unit/diagnostics/test_served.py
tries the others).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagnostics.asked import Command, Names, Word, fits
from diagnostics.checks import bluetooth, ethernet, radio, removable, wifi
from diagnostics.selftest import start
from diagnostics.sources import dmidecode, nvme, pysmart_reader, smartctl

# What the live stick sets of its own console and clock (bench/setup/live.py).
_STICK: tuple[Command, ...] = (
    ("loadkeys", "-q", "-C", "/dev/tty1", Word.KEYMAP),
    ("date", "--utc", Word.MOMENT),
    ("hwclock", "--systohc", "--utc"),
)
COMMANDS: tuple[Command, ...] = (
    *_STICK,
    *smartctl.ASKED,
    *pysmart_reader.ASKED,
    *start.ASKED,
    *nvme.ASKED,
    *dmidecode.ASKED,
    *removable.ASKED,
    *ethernet.ASKED,
    *wifi.ASKED,
    *radio.ASKED,
    *bluetooth.ASKED,
)
# Files that the kernel shows to root alone. They are folders of the kernel's: nobody puts a link
# there, and a link of the kernel's own leads to the device it stands for.
_FILES = re.compile(
    r"/sys/class/dmi/id/(?:product_serial|product_uuid|board_serial|chassis_serial)"
    r"|/sys/firmware/dmi/tables/smbios_entry_point"
    r"|/sys/firmware/efi/esrt/entries/entry[0-9]{1,3}/fw_(?:class|version)"
    r"|/sys/class/firmware-attributes/[a-z0-9-]{1,40}/attributes/[A-Za-z0-9 _-]{1,80}/current_value"
    r"|/sys/class/tty/ttyS[0-9]{1,3}/type"
    r"|/proc/1/mountinfo"
)


def command(argv: Sequence[str], names: Names) -> bool:
    """Whether this command is run for others."""
    return any(fits(known, argv, names) for known in COMMANDS)


def file(path: str) -> bool:
    """Whether this file is read for others."""
    return _FILES.fullmatch(path) is not None
