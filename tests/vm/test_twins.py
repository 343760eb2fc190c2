"""Four disks in one machine, two pairs that tell one number, two of the four failing.

Seen once: disks were known by their serial alone, and the signed paper said « Les 2 disques
sont effacés ». The whole commands, on a real kernel, to the paper.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from labels import identifier
from tests.vm.guest import Images
from tests.vm.machine import Guest
from tests.vm.shelf import Shelf

pytestmark = pytest.mark.vm

DRIVES = {name: name for name in ("twin_a", "bad_twin_a", "twin_b", "bad_twin_b")}
ASSET = str(identifier.make("R", "C", 26, 1))
LIMIT_S = 900.0
BENCH = ("-m", "bench", "--data", "/run/data", "--lang", "fr")


def _ended(guest: Guest) -> dict[str, Any]:
    """Path -> what came of it, once all four have ended: emulated processors begin them slowly."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        told = json.loads(guest.python(*BENCH, "jobs", "--json", timeout_s=300).out)
        if len(told) == 4 and all(one["status"] == "done" for one in told):
            return {one["path"]: one for one in told}
        time.sleep(2)
    raise AssertionError(told)


def test_four_disks_of_two_numbers_are_four_on_the_paper(images: Images, vm_folder: Path) -> None:
    shelf = Shelf(vm_folder, DRIVES)
    with Guest(images, vm_folder / "vm", [shelf.disk]) as guest:
        paths = shelf.power_on(guest)
        listed = json.loads(guest.python(*BENCH, "disks", "--json", timeout_s=300).out)
        confirm = {disk["path"]: disk["confirm"] for disk in listed}
        codes = [confirm[path] for path in paths.values()]
        assert len(set(codes)) == 4, listed  # no code is that of two disks
        words = [word for code in codes for word in ("--confirm", code)]
        ordered = (*BENCH, "erase", *paths.values(), *words, "--asset", ASSET, "--detach")
        guest.python(*ordered, timeout_s=300)
        told = _ended(guest)
        paper = guest.python(*BENCH, "certificate", ASSET, "--out", "/run/papers", timeout_s=300)
        signed = json.loads(guest.get(f"/run/papers/attestation-{ASSET}.json") or b"")
    for name, path in paths.items():
        good = shelf.survivors(name) == []
        assert told[path]["claim"] == ("clear" if good else "failed"), json.dumps(told, indent=1)
        assert told[path]["serial_doubt"] == "shared" and told[path]["attested"] != "clear"
        assert good == name.startswith("twin"), name
    assert paper.code == 1, paper.out + paper.err
    disks = signed["payload"]["machines"][0]["disks"]
    assert sorted(disk["claim"] for disk in disks) == ["failed", "failed", "none", "none"]
    assert all(disk["serial"] is None and disk["doubt"] == "shared" for disk in disks)
