"""Devices whose firmware `fwupdmgr` knows: a slow second reader, never waited for.

It starts a daemon that talks to the parts themselves, which takes seconds (facts, section 2).
It only lists: nothing is fetched from a network and nothing is updated.
"""

from __future__ import annotations

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.inventory import FirmwareUpdate, Inventory
from diagnostics.model import Machine
from diagnostics.sources.coerce import dig, listing, load_json, mapping, text

ARGV = ("fwupdmgr", "get-devices", "--json", "--no-unreported-check", "--no-metadata-check")
TIMEOUT_S = 10.0
MOST = 128


def read(runner: Runner, machine: Machine) -> Findings:
    """What it lists; where it is missing or silent, the point and why."""
    del machine  # the second readers are all given what is known so far
    done = runner.run(ARGV, timeout_s=TIMEOUT_S)
    updates = parse(done.stdout)
    unknown = {} if updates else {"inventory.updates": reason(done.problem, "not_supported")}
    return Findings(inventory=Inventory(updates=updates), unknown=unknown)


def parse(data: bytes | str) -> tuple[FirmwareUpdate, ...]:
    """Devices of its JSON; its serial numbers are left where they are."""
    try:
        document = load_json(data)
    except ValueError:
        return ()
    found = []
    for row in listing(dig(document, "Devices"), MOST):
        entry = mapping(row)
        name = text(entry.get("Name"), 120)
        if name is None:
            continue
        flags = listing(entry.get("Flags"), 64)
        found.append(
            FirmwareUpdate(
                name=name,
                vendor=text(entry.get("Vendor"), 120),
                version=text(entry.get("Version"), 60),
                version_lowest=text(entry.get("VersionLowest"), 60),
                plugin=text(entry.get("Plugin"), 40),
                updatable="updatable" in flags if flags else None,
            )
        )
    return tuple(found)
