"""NVMe: FORMAT on QEMU's controller, SANITIZE through a CUSE device in front of it.

The tool, the ioctl, the namespace and its blocks are real; only the SANITIZE command
and its log are ours (`nvme/proxy.py`), as QEMU has none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.vm import disks, jobs
from tests.vm.disks import Bus, Disk
from tests.vm.guest import Images
from tests.vm.jobs import Answer
from tests.vm.machine import Guest

pytestmark = pytest.mark.vm

KINDS = ("honest", "lies", "lies_tail", "fails", "instant", "plain")


@pytest.fixture(scope="module")
def erased(
    images: Images, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[Disk, Answer]]]:
    """One controller of each kind ("plain": QEMU's own), erased by `wipe`'s own plan."""
    folder = tmp_path_factory.mktemp("nvme")
    made = {kind: disks.make(folder, kind, Bus.NVME, 12) for kind in KINDS}
    for kind, disk in made.items():
        disks.plant(disk.image, kind)
    data = jobs.data_disk(folder)
    with Guest(images, folder / "vm", [*made.values(), data]) as guest:
        paths = {kind: guest.device_of(disk) for kind, disk in made.items()}
        for kind, path in paths.items():
            if kind == "plain":
                continue
            name = path.removeprefix("/dev/").removesuffix("n1")
            argv = f"python3 -P -m tests.vm.nvme.proxy {name} {kind}"
            guest.sh(f"setsid {argv} </dev/null >/run/{name}.log 2>&1 &").ok()
        for path in paths.values():
            _answers(guest, path)
        jobs.mount(guest, data)
        found = jobs.start(guest, [{"path": path} for path in paths.values()])
    yield {kind: (disk, found[paths[kind]]) for kind, disk in made.items()}
    for image in folder.glob("*.raw"):
        image.unlink()


def _answers(guest: Guest, path: str) -> None:
    """Wait until the controller's node is there and answers Identify."""
    controller = path.removesuffix("n1")
    deadline = time.monotonic() + 60
    while guest.run("nvme", "id-ctrl", controller).code != 0:
        assert time.monotonic() < deadline, guest.sh("cat /run/nvme*.log").text
        time.sleep(0.3)


def test_sanitize_is_a_purge(erased: dict[str, tuple[Disk, Answer]]) -> None:
    disk, answer = erased["honest"]
    assert answer["claim"] == "purge", answer
    assert answer["technique"] == "Sanitize: Block Erase"
    assert disks.survivors(disk.image, "honest") == []


@pytest.mark.parametrize("kind", ["lies", "lies_tail", "instant", "fails"])
def test_bad_controllers_are_caught(erased: dict[str, tuple[Disk, Answer]], kind: str) -> None:
    disk, answer = erased[kind]
    assert answer["claim"] in ("clear", "failed"), answer
    assert answer["failed_techniques"], answer
    if answer["claim"] == "clear":
        assert disks.survivors(disk.image, kind) == []


def test_format_of_a_plain_controller(erased: dict[str, tuple[Disk, Answer]]) -> None:
    """Whatever QEMU's FORMAT does, the claim is Clear and true."""
    disk, answer = erased["plain"]
    assert answer["claim"] == "clear", answer
    assert disks.survivors(disk.image, "plain") == []
