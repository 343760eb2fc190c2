"""A record that was not read is no empty slot, no missing battery, no missing screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnostics.read import read
from diagnostics.recording.capture import Replay
from diagnostics.sources import battery, edid
from diagnostics.sources.memory import parse_udev

GIB = 1 << 30


def device(number: int, size: str | None, serial: str = "5A5A1234") -> str:
    told = f"\tSize: {size}\n" if size is not None else ""
    return (
        f"Handle 0x{number:04X}, DMI type 17, 40 bytes\nMemory Device\n"
        f"\tArray Handle: 0x0010\n\tTotal Width: 64 bits\n{told}\tForm Factor: SODIMM\n"
        f"\tLocator: DIMM {number}\n\tType: DDR4\n\tSpeed: 2400 MT/s\n"
        f"\tManufacturer: Samsung\n\tSerial Number: {serial}\n\tPart Number: M471A1K43CB1-CRC\n\n"
    )


HEAD = (
    "# dmidecode 3.4\nGetting SMBIOS data from sysfs.\nSMBIOS 3.1.1 present.\n\n"
    "Handle 0x0000, DMI type 0, 24 bytes\nBIOS Information\n\tVendor: LENOVO\n\tVersion: N27ET42W\n"
    "\tCharacteristics:\n\t\tPCI is supported\n\t\tUEFI is supported\n\n"
    "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: LENOVO\n"
    "\tProduct Name: 20L6S69X08\n\tVersion: ThinkPad T480\n\tSerial Number: PF1ABCD2\n"
    "\tUUID: 4c4c4544-0051-3610-8052-b4c04f443132\n\n"
)
ARRAY = (
    "Handle 0x0010, DMI type 16, 23 bytes\nPhysical Memory Array\n\tUse: System Memory\n"
    "\tError Correction Type: None\n\tMaximum Capacity: 32 GB\n\tNumber Of Devices: 2\n\n"
)
END = "Handle 0x00FF, DMI type 127, 4 bytes\nEnd Of Table\n"
WHOLE = HEAD + ARRAY + device(1, "8 GB") + device(2, "No Module Installed") + END

_PASTED: dict[str, Callable[[str], str]] = {
    "as it is": lambda dump: dump,
    "crlf": lambda dump: dump.replace("\n", "\r\n"),
    "cr": lambda dump: dump.replace("\n", "\r"),
    "four blanks": lambda dump: dump.replace("\t", "    "),
    "eight blanks": lambda dump: dump.expandtabs(8),
    "two blanks": lambda dump: dump.replace("\t", "  "),
    "no-break": lambda dump: dump.replace("\t", "\xa0\xa0 \xa0"),
    "no indentation": lambda dump: dump.replace("\t", ""),
    "all indented": lambda dump: "".join(f"    {line}\n" for line in dump.split("\n")),
    "quoted": lambda dump: "".join(f"> {line}\n" for line in dump.split("\n")),
    "twice quoted": lambda dump: "".join(f">> {line}\n" for line in dump.split("\n")),
    "in a mail": lambda dump: "Hello,\n\n" + dump.replace("\t", "\t  ") + "\n-- \nJo\n",
    "empty lines": lambda dump: dump.replace("\n", "\n\n"),
    "trailing blanks": lambda dump: dump.replace("\n", "   \n"),
    "mark": lambda dump: "\ufeff" + dump,
    "type below": lambda dump: dump.replace(", DMI type", "\n\tDMI type"),
}


@pytest.mark.parametrize("how", _PASTED)
def test_however_it_was_pasted_it_reads_the_same(how: str) -> None:
    expected = read("dmidecode", WHOLE.encode(), name="a")
    memory = expected["facts"]["memory"]
    assert (memory["slots"], memory["free_slots"], memory["installed_bytes"]) == (2, 1, 8 * GIB)
    assert expected["facts"]["bios"]["uefi"] is True
    assert expected["facts"]["identity"]["serial"] == "PF1ABCD2"
    assert expected["facts"]["unknown"] == {}
    assert read("dmidecode", _PASTED[how](WHOLE).encode(), name="a") == expected


@pytest.mark.parametrize("how", ["as it is", "four blanks", "no indentation", "crlf"])
def test_cut_anywhere_it_never_has_more_free_slots_than_the_whole(how: str) -> None:
    dump = _PASTED[how](HEAD + ARRAY + device(1, "8 GB") + device(2, "16 GB") + END)
    start = dump.index("DMI type 17")
    told = []
    for end in range(start, len(dump)):
        memory = read("dmidecode", dump[:end].encode())["facts"]["memory"]
        assert memory["slots"] == 2
        assert memory["free_slots"] in (None, 0)
        assert memory["installed_bytes"] in (None, 24 * GIB)
        told.append(memory["free_slots"])
    assert told[0] is None and told[-1] == 0


@pytest.mark.parametrize(
    ("sizes", "free", "installed", "modules"),
    [
        (("8 GB", "No Module Installed"), 1, 8 * GIB, 1),
        (("8 GB", "8192 MB"), 0, 16 * GIB, 2),
        (("No Module Installed", "No Module Installed"), 2, None, 0),
        (("8 GB", "Not Installed"), 1, 8 * GIB, 1),
        (("8 GB", "0 MB"), 1, 8 * GIB, 1),
        (("8 GB", "Unknown"), 0, None, 2),  # it is there; how large it does not say
        ((None, None), None, None, 0),
        (("8 GB", None), None, None, 1),
        (("8 GB", "81"), None, None, 1),
        (("8 GB", "No Mod"), None, None, 1),
        (("8 GB", "<OUT OF SPEC>"), None, None, 1),
    ],
)
def test_only_a_record_that_says_so_is_an_empty_slot(
    sizes: tuple[str | None, ...], free: int | None, installed: int | None, modules: int
) -> None:
    dump = HEAD + ARRAY + "".join(device(n, size) for n, size in enumerate(sizes, 1)) + END
    facts = read("dmidecode", dump.encode())["facts"]
    memory = facts["memory"]
    assert (memory["slots"], memory["free_slots"]) == (2, free)
    assert (memory["installed_bytes"], len(memory["modules"])) == (installed, modules)
    assert ("memory.free_slots" in facts["unknown"]) is (free is None)


def test_slots_announced_and_not_listed_are_unknown_unless_the_dump_is_whole() -> None:
    four = ARRAY.replace("Number Of Devices: 2", "Number Of Devices: 4")
    cut = read("dmidecode", (HEAD + four + device(1, "8 GB")).encode())["facts"]["memory"]
    assert (cut["slots"], cut["free_slots"], cut["installed_bytes"]) == (4, None, None)
    whole = read("dmidecode", (HEAD + four + device(1, "8 GB") + END).encode())["facts"]["memory"]
    assert (whole["slots"], whole["free_slots"], whole["installed_bytes"]) == (1, 0, 8 * GIB)


def test_one_array_without_its_limit_leaves_the_limit_unknown() -> None:
    other = ARRAY.replace("\tMaximum Capacity: 32 GB\n", "")
    both = read("dmidecode", (HEAD + ARRAY + ARRAY + END).encode())["facts"]["memory"]
    assert both["max_bytes"] == 64 * GIB
    assert read("dmidecode", (ARRAY + other + END).encode())["facts"]["memory"]["max_bytes"] is None


def test_udev_says_empty_only_where_it_says_so() -> None:
    def memory(second: str) -> tuple[int | None, int | None]:
        found = parse_udev(
            f"E:MEMORY_DEVICE_0_SIZE={8 * GIB}\nE:MEMORY_DEVICE_0_TYPE=DDR4\n{second}"
            "E:MEMORY_DEVICE_1_LOCATOR=DIMM 1\n"
        )
        assert found is not None
        return found.free_slots, found.installed_bytes

    assert memory("E:MEMORY_DEVICE_1_PRESENT=0\n") == (1, 8 * GIB)
    assert memory("") == (None, None)
    assert memory(f"E:MEMORY_DEVICE_1_SIZE={8 * GIB}\n") == (0, 16 * GIB)


def replay(folder: Path, files: dict[str, str | None]) -> Replay:
    """A machine that shows these files; `None`: the file is in its folder, and nobody read it."""
    (folder / "files").mkdir()
    (folder / "manifest.json").write_text(json.dumps({"format": 1}))
    names: dict[str, list[str]] = {}
    for path, text in files.items():
        parent, _, name = path.rpartition("/")
        names.setdefault(parent, []).append(name)
        if text is not None:
            target = folder / "files" / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    (folder / "files.json").write_text(json.dumps({"names": names}))
    return Replay(folder)


UEVENT = "POWER_SUPPLY_NAME=BAT0\nPOWER_SUPPLY_PRESENT=1\nPOWER_SUPPLY_ENERGY_FULL=40000000\n"


@pytest.mark.parametrize(
    ("uevent", "kind", "found", "why"),
    [
        (UEVENT + "POWER_SUPPLY_TYPE=Battery\n", None, 1, None),
        (UEVENT, "Battery", 1, None),  # kernels before 5.2
        (UEVENT, "Mains", 0, None),
        (UEVENT, None, 0, "not_reported"),
        (None, None, 0, "unrecorded"),
        (UEVENT.replace("PRESENT=1", "PRESENT=0") + "POWER_SUPPLY_TYPE=Battery\n", None, 0, None),
    ],
)
def test_a_battery_that_cannot_be_read_is_not_none(
    tmp_path: Path, uevent: str | None, kind: str | None, found: int, why: str | None
) -> None:
    folder = "/sys/class/power_supply/BAT0"
    files = {f"{folder}/uevent": uevent, f"{folder}/type": kind, f"{folder}/alarm": "0"}
    told = battery.read(replay(tmp_path, files))
    assert len(told.batteries) == found
    assert told.unknown == ({"batteries.BAT0": why} if why else {})


@pytest.mark.parametrize(
    ("status", "why"),
    [("connected", "not_reported"), ("disconnected", None), (None, "unrecorded")],
)
def test_a_screen_whose_socket_says_nothing_is_not_none(
    tmp_path: Path, status: str | None, why: str | None
) -> None:
    folder = "/sys/class/drm/card0-HDMI-A-1"
    told = edid.read(replay(tmp_path, {f"{folder}/edid": "", f"{folder}/status": status}))
    assert told.unknown == ({"displays.HDMI-A-1": why} if why else {})
    assert len(told.displays) == (status == "connected")
