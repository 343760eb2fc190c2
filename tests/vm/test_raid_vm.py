"""A RAID card's volume on a real kernel: QEMU's MegaRAID, beside disks of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vm import disks
from tests.vm.disks import Bus
from tests.vm.guest import Images
from tests.vm.machine import Guest

pytestmark = pytest.mark.vm

PLAIN = (Bus.SATA, Bus.SCSI, Bus.NVME, Bus.USB)


def test_a_volume_is_refused_and_disks_beside_it_are_planned(
    images: Images, vm_folder: Path
) -> None:
    """The whole command; Linux's megaraid_sas puts QEMU's disks on the channel of volumes."""
    image = disks.make(vm_folder, "volume", Bus.SCSI, 8).image
    card = ["-device", "megasas-gen2,id=card", "-drive", f"if=none,id=raid,format=raw,file={image}"]
    card += ["-device", "scsi-hd,bus=card.0,scsi-id=1,drive=raid,serial=ETVOLUME"]
    made = [disks.make(vm_folder, f"disk{bus.value}", bus, 8) for bus in PLAIN]
    made.append(disks.make(vm_folder, "hybrid", Bus.SATA, 8, model="ST1000LM014-1EJ164"))
    with Guest(images, vm_folder / "vm", made, extra=card) as machine:
        listing = machine.run("lsblk", "-J", "-d", "-o", "PATH,HCTL,SERIAL").ok().out
        seen = {one["serial"]: one for one in json.loads(listing)["blockdevices"]}
        assert seen["ETVOLUME"]["hctl"].split(":")[1] == "2"
        paths = [seen["ETVOLUME"]["path"], *(machine.device_of(disk) for disk in made)]
        told = machine.python(
            *("-m", "bench", "--data", "/run/data", "--lang", "fr"),
            *("erase", "--plan-only", "--json", *paths),
            timeout_s=300,
        )
    volume, *plain, hybrid = map(json.loads, told.out.splitlines())
    assert told.code == 3 and volume["guard"] == {"allowed": True, "reasons": []}
    assert volume["techniques"] == [] and volume["refusal"] == {
        "code": "behind_raid",
        "text": "Une carte RAID cache le disque.",
        "step": "Branchez chaque disque sur le PC, sans carte RAID.",
    }
    for bus, shown in zip(PLAIN, plain, strict=True):
        assert shown["refusal"] is None, bus
        assert shown["techniques"][-1]["method"] == "overwrite", bus
        assert "hybrid_cache" not in json.dumps(shown["notes"]), bus
    assert "hybrid_cache" in json.dumps(hybrid["notes"])
