"""Four disks in one machine, two pairs that tell one number, two of the four failing.

Seen once: disks were known by their serial alone, and the signed paper said « Les 2 disques
sont effacés ». The whole commands, on a real kernel, to the paper.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from labels import identifier
from tests.vm.guest import Images
from tests.vm.machine import Guest
from tests.vm.shelf import Shelf

pytestmark = pytest.mark.vm

DRIVES = {name: name for name in ("twin_a", "bad_twin_a", "twin_b", "bad_twin_b")}
ASSET = str(identifier.make("R", "C", 26, 1))
LIMIT_S = 420.0
SETTINGS = b'workshop = "Atelier des Weppes"\n[[operators]]\ncode = "NAD"\n'
BENCH = ("-m", "bench", "--data", "/run/data", "--lang", "fr")


def _ended(guest: Guest) -> dict[str, Any]:
    """Path -> what came of it, once all four have ended."""
    deadline = time.monotonic() + LIMIT_S
    told: list[dict[str, Any]] = []
    while len(told) != 4 or any(one["status"] != "done" for one in told):
        logs = guest.sh("tail -n 5 /run/data/jobs/2*/log.txt").text
        assert time.monotonic() < deadline, f"{json.dumps(told, indent=1)}\n{logs}"
        told = json.loads(guest.python(*BENCH, "jobs", "--json", timeout_s=300).ok().text)
    return {one["path"]: one for one in told}


def _erased(guest: Guest, paths: list[str]) -> dict[str, Any]:
    """The four ordered in one command, each with its own code, for one machine."""
    listed = json.loads(guest.python(*BENCH, "disks", "--json", timeout_s=300).ok().text)
    confirm = {disk["path"]: disk["confirm"] for disk in listed}
    codes = [confirm[path] for path in paths]
    assert len(set(codes)) == 4, listed  # no code is that of two disks
    words = [word for code in codes for word in ("--confirm", code)]
    ordered = (*BENCH, "erase", *paths, *words, "--asset", ASSET, "--detach")
    guest.python(*ordered, timeout_s=300).ok()
    return _ended(guest)


def _text(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def test_four_disks_of_two_numbers_are_four_on_the_paper(images: Images, vm_folder: Path) -> None:
    shelf = Shelf(vm_folder, DRIVES)
    with Guest(images, vm_folder / "vm", [shelf.disk]) as guest:
        paths = shelf.power_on(guest)
        told = _erased(guest, list(paths.values()))
        guest.put("/run/data/settings.toml", SETTINGS)
        made = ("certificate", ASSET, "--out", "/run/papers", "--operator", "NAD")
        issued = guest.python(*BENCH, *made, timeout_s=300)
        signed = json.loads(guest.get(f"/run/papers/attestation-{ASSET}.json") or b"")
        pdf = guest.get(f"/run/papers/attestation-{ASSET}.pdf") or b""
    assert issued.code == 1, issued
    disks = signed["payload"]["machines"][0]["disks"]
    attested = {disk["job"]: disk["claim"] for disk in disks}
    assert len(disks) == len(attested) == 4
    for name, path in paths.items():
        good = shelf.survivors(name) == []  # what is left, counted outside the guest
        assert good == name.startswith("twin"), name
        one = told[path]
        said = (one["claim"], one["attested"], attested[one["job"]])
        assert said == (("clear", "none", "none") if good else ("failed",) * 3), told
        assert one["serial_doubt"] == "shared"
    assert all(disk["serial"] is None and disk["doubt"] == "shared" for disk in disks)
    paper = _text(pdf)
    assert "NON EFFACÉ : ce document n'atteste aucun effacement de ces disques." in paper
    assert "disques sont effacés" not in paper
