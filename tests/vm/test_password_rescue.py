"""Power cuts of one drive between any two SECURITY commands: never left locked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm import jobs
from tests.vm.guest import Images
from tests.vm.machine import Guest
from tests.vm.shelf import Shelf

pytestmark = pytest.mark.vm

SET, PREPARE, ERASE = 0xF1, 0xF3, 0xF4  # ATA commands of the SECURITY feature set
MOMENTS = {
    "before_set": (SET, True),
    "after_set": (SET, False),
    "before_prepare": (PREPARE, True),
    "after_prepare": (PREPARE, False),
    "before_erase": (ERASE, True),
    "after_erase": (ERASE, False),
}


def test_password_rescue_between_any_two_security_commands(images: Images, vm_folder: Path) -> None:
    """Each drive loses its power at another command, its wipe process is killed; then resume."""
    shelf = Shelf(vm_folder, dict.fromkeys(MOMENTS, "no_sanitize"))
    data = jobs.data_disk(vm_folder)
    with Guest(images, vm_folder / "vm", [shelf.disk, data]) as guest:
        paths = shelf.power_on(guest, cuts=MOMENTS)
        jobs.mount(guest, data)
        cut = jobs.start(guest, [{"path": path} for path in paths.values()])
        locked = {name: shelf.state(name).user_password is not None for name in MOMENTS}
        # A drive cut before it was given the password, or after it erased itself, has none.
        assert locked == {name: name not in ("before_set", "after_erase") for name in MOMENTS}
        for name, path in paths.items():
            assert cut[path]["claim"] == "interrupted", (name, cut[path])
        # Two are given a new erasure, by somebody who does not know of the one that was cut.
        anew = [paths["after_set"], paths["before_erase"]]
        fresh = jobs.start(guest, [{"path": path} for path in anew])
        for path in anew:
            assert "locked_by_us" in fresh[path]["notes"], fresh[path]
            assert fresh[path]["claim"] == "clear", fresh[path]
            assert fresh[path]["technique"].startswith("SECURITY ERASE UNIT"), fresh[path]
        jobs.resume(guest)
        found = {answer["path"]: answer for answer in jobs.shown(guest).values()}
        guest.run("sync").ok()
    for name, path in paths.items():
        answer = found[path]
        assert shelf.state(name).user_password is None, (name, answer)
        assert answer["claim"] in ("clear", "failed"), (name, answer)
        if answer["claim"] == "clear":
            assert shelf.survivors(name) == [], (name, answer)
    assert sum(found[path]["claim"] == "clear" for path in paths.values()) >= 4, found
