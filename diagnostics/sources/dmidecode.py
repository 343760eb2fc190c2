"""The full SMBIOS tables as `dmidecode` prints them: modules, slots, chassis, firmware."""

from __future__ import annotations

import msgspec

from diagnostics.asked import Command
from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Firmware
from diagnostics.sources.chassis import chassis_word
from diagnostics.sources.dmi import iso_date, settle
from diagnostics.sources.dmi_processors import processors_of
from diagnostics.sources.dmi_text import split
from diagnostics.sources.memory_modules import memory_of
from diagnostics.sources.placeholders import clean
from diagnostics.sources.smbios import Table, of_type

ARGV = ("dmidecode",)
ASKED: tuple[Command, ...] = (ARGV,)


def read(runner: Runner) -> Findings:
    """Memory modules and whatever sysfs did not tell (it needs root all the same)."""
    done = runner.run(ARGV, timeout_s=5.0)
    tables = split(done.text) if done.problem is None else []
    if not tables:
        why = reason(done.problem, "denied" if b"ermission" in done.stderr else "not_supported")
        return Findings(unknown={"memory.modules": why, "memory.slots": why})
    facts = describe(tables)
    told = facts.memory and facts.memory.modules
    unknown = {} if told else {"memory.modules": "not_reported"}
    return msgspec.structs.replace(facts, unknown={**facts.unknown, **unknown})


def describe(tables: list[Table]) -> Findings:
    """Identity, firmware, processors and memory from the structures."""
    system, board, chassis, bios = (_first(tables, number) for number in (1, 2, 3, 0))
    identity = settle(
        maker=system.get("Manufacturer"),
        product=system.get("Product Name"),
        version=system.get("Version"),
        board_maker=board.get("Manufacturer"),
        board_model=board.get("Product Name"),
        chassis=chassis_word(chassis.get("Type")),
        serial=system.get("Serial Number"),
        uuid=system.get("UUID"),
        board_serial=board.get("Serial Number"),
        chassis_serial=chassis.get("Serial Number"),
        asset_tag=chassis.get("Asset Tag"),
        family=system.get("Family"),
        sku=system.get("SKU Number"),
    )
    firmware = Firmware(
        vendor=clean(bios.get("Vendor")),
        version=clean(bios.get("Version")),
        date=iso_date(bios.get("Release Date")),
    )
    memory = memory_of(tables)
    unread = memory is not None and memory.free_slots is None
    return Findings(
        identity=identity,
        firmware=firmware,
        cpu=processors_of(tables),
        memory=memory,
        unknown={"memory.free_slots": "unreadable"} if unread else {},
    )


def _first(tables: list[Table], number: int) -> dict[str, str]:
    found = of_type(tables, number)
    return found[0].values if found else {}
