"""The emulated drives, driven by the real tools through a real kernel.

One boot, one drive of each profile; each test has its own drives. What these tests
show is that a profile is what its name says, so that the tests of `wipe` mean something.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest

from tests.vm.drive.profiles import PROFILES
from tests.vm.guest import Images
from tests.vm.machine import Done, Guest
from tests.vm.shelf import Shelf

pytestmark = pytest.mark.vm

SURE = "--yes-i-know-what-i-am-doing"
DRIVES = [
    "hdd", "ssd", "ssd_block", "ssd_crypto", "frozen", "frozen_sanitize", "locked", "hpa",
    "dco", "lies_all", "lies_security_tail", "instant", "unreadable", "unwritable", "offline",
    "drops", "wraps", "hot", "blank_serial", "no_sanitize", "sanitize_fails", "scsi_ssd",
    "scsi_format", "scsi_lies",
]  # fmt: skip


class Workshop:
    """A booted guest with the drives; commands by drive name."""

    def __init__(self, guest: Guest, shelf: Shelf) -> None:
        self.guest = guest
        self.shelf = shelf

    def path(self, name: str) -> str:
        return self.shelf.paths[name]

    def tool(self, name: str, *argv: str) -> Done:
        """Run a tool with the drive's path last."""
        return self.guest.run(*argv, self.path(name))

    def left(self, name: str) -> int:
        self.guest.run("sync").ok()
        return len(self.shelf.survivors(name))

    def worked(self, name: str) -> None:
        """Wait, from outside, until a drive has ended its SANITIZE or FORMAT UNIT."""
        deadline = time.monotonic() + 60
        while self.shelf.state(name).work is not None:
            assert time.monotonic() < deadline, f"{name} never ended"
            time.sleep(0.2)

    def sanitized(self, name: str) -> list[str]:
        """Follow an ATA SANITIZE to its end; the states seen on the way."""
        seen: list[str] = []
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            text = self.tool(name, "hdparm", "--sanitize-status").text
            seen.append(text)
            if "In Process" not in text:
                return seen
            time.sleep(0.2)
        raise AssertionError(f"{name} never ended: {seen[-1]}")


@pytest.fixture(scope="module")
def workshop(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("emulator")
    shelf = Shelf(folder, {name: name for name in DRIVES})
    with Guest(images, folder / "vm", [shelf.disk]) as guest:
        shelf.power_on(guest)
        yield Workshop(guest, shelf)
    shelf.disk.image.unlink()


def test_tools_read_every_drive(workshop: Workshop) -> None:
    """smartctl and hdparm parse what the drives say; identity and temperature arrive."""
    for name in ("hdd", "ssd", "hot", "blank_serial"):
        facts = json.loads(workshop.tool(name, "smartctl", "-x", "-j", "-d", "sat").out)
        assert facts["model_name"] == PROFILES[name].model
        assert facts["temperature"]["current"] == PROFILES[name].temperature_c
        assert facts["smart_status"]["passed"] is True
        assert bool(facts.get("serial_number", "").strip()) is (name != "blank_serial")
        assert "Checksum: correct" in workshop.tool(name, "hdparm", "-I").ok().text
    assert "SAS SSD" in workshop.tool("scsi_ssd", "sg_inq").ok().text
    # hdparm ends well on a drive that refused IDENTIFY DEVICE: the text must be looked at
    assert "Serial Number" not in workshop.tool("scsi_ssd", "hdparm", "-I").text


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("ssd_block", "--sanitize-block-erase"),
        ("ssd_crypto", "--sanitize-crypto-scramble"),
        ("hdd", "--sanitize-overwrite"),
    ],
)
def test_ata_sanitize(workshop: Workshop, name: str, option: str) -> None:
    value = ["hex:00000000"] if name == "hdd" else []
    idle = workshop.tool(name, "hdparm", "--sanitize-status").ok().text
    assert "SD0 Sanitize Idle" in idle
    workshop.tool(name, "hdparm", SURE, option, *value).ok()
    seen = workshop.sanitized(name)
    assert any("In Process" in text for text in seen), seen
    assert "Completed Without Error" in seen[-1], seen
    assert workshop.left(name) == 0


def test_security_erase(workshop: Workshop) -> None:
    for name, command, left in (
        ("no_sanitize", "--security-erase", 0),
        ("ssd", "--security-erase-enhanced", 0),
        ("lies_security_tail", "--security-erase", 410),
    ):
        workshop.tool(name, "hdparm", "--user-master", "u", "--security-set-pass", "etabli").ok()
        assert re.search(r"\n\s+enabled", workshop.tool(name, "hdparm", "-I").ok().text)
        workshop.tool(name, "hdparm", "--user-master", "u", command, "etabli").ok()
        assert "not\tenabled" in workshop.tool(name, "hdparm", "-I").ok().text
        assert workshop.left(name) == left


def test_frozen_and_locked_refuse(workshop: Workshop) -> None:
    assert re.search(r"\n\t\tfrozen", workshop.tool("frozen", "hdparm", "-I").ok().text)
    workshop.tool("frozen", "hdparm", "--user-master", "u", "--security-set-pass", "x")
    assert workshop.shelf.state("frozen").user_password is None
    workshop.tool("frozen_sanitize", "hdparm", SURE, "--sanitize-block-erase")
    assert workshop.left("frozen_sanitize") == PROFILES["frozen_sanitize"].sectors
    assert re.search(r"\n\t\tlocked", workshop.tool("locked", "hdparm", "-I").ok().text)
    workshop.tool("locked", "hdparm", "--user-master", "u", "--security-unlock", "guess")
    read = workshop.guest.run("dd", f"if={workshop.path('locked')}", "of=/dev/null", "count=8")
    assert read.code != 0


def test_hidden_areas(workshop: Workshop) -> None:
    whole = PROFILES["hpa"].sectors
    shown = workshop.tool("hpa", "hdparm", "-N").ok().text
    assert f"{whole - 2048}/{whole}, HPA is enabled" in shown
    workshop.tool("hpa", "hdparm", SURE, "-N", f"p{whole}").ok()
    assert f"{whole}/{whole}, HPA is disabled" in workshop.tool("hpa", "hdparm", "-N").ok().text
    found = workshop.tool("dco", "hdparm", "--dco-identify").ok().text
    assert f"Real max sectors: {whole}" in found
    workshop.tool("dco", "hdparm", SURE, "--dco-restore").ok()
    assert str(whole) in workshop.tool("dco", "hdparm", "-N").text


def test_liars(workshop: Workshop) -> None:
    workshop.tool("lies_all", "hdparm", SURE, "--sanitize-block-erase").ok()
    assert "Completed Without Error" in workshop.sanitized("lies_all")[-1]
    assert workshop.left("lies_all") == PROFILES["lies_all"].sectors
    workshop.tool("instant", "hdparm", SURE, "--sanitize-block-erase").ok()
    assert len(workshop.sanitized("instant")) == 1
    assert workshop.left("instant") == PROFILES["instant"].sectors
    workshop.tool("scsi_lies", "sg_sanitize", "--block", "--early", "--quick").ok()
    workshop.worked("scsi_lies")
    assert workshop.left("scsi_lies") == PROFILES["scsi_lies"].sectors


def test_sanitize_failure_stays(workshop: Workshop) -> None:
    workshop.tool("sanitize_fails", "hdparm", SURE, "--sanitize-block-erase").ok()
    last = workshop.sanitized("sanitize_fails")[-1]
    assert "Completed Without Error" not in last
    assert workshop.left("sanitize_fails") > 0


def test_scsi_sanitize_and_format(workshop: Workshop) -> None:
    workshop.tool("scsi_ssd", "sg_sanitize", "--block", "--early", "--quick").ok()
    progress = workshop.tool("scsi_ssd", "sg_requests", "--progress").text
    assert "rogress" in progress, progress
    workshop.worked("scsi_ssd")
    assert workshop.left("scsi_ssd") == 0
    workshop.tool("scsi_format", "sg_format", "--format", "--early", "--quick").ok()
    workshop.worked("scsi_format")
    assert workshop.left("scsi_format") == 0


def _write(workshop: Workshop, name: str, sector: int, count: int, block: int = 512) -> Done:
    per = block // 512
    return workshop.guest.run(
        "dd", "if=/dev/zero", f"of={workshop.path(name)}", f"bs={block}", f"seek={sector // per}",
        f"count={count // per}", "oflag=direct", "conv=notrunc",
    )  # fmt: skip


def _read(workshop: Workshop, name: str, sector: int, count: int) -> Done:
    return workshop.guest.run(
        "dd", f"if={workshop.path(name)}", "of=/dev/null", "bs=512", f"skip={sector}",
        f"count={count}", "iflag=direct",
    )  # fmt: skip


def test_faulty_media(workshop: Workshop) -> None:
    assert _read(workshop, "unreadable", 1499, 1).code == 0
    assert _read(workshop, "unreadable", 1500, 1).code != 0
    assert _write(workshop, "unreadable", 1500, 2).code == 0
    assert _read(workshop, "unreadable", 1500, 2).code == 0  # writing heals a pending sector
    assert _write(workshop, "unwritable", 3000, 1).code != 0
    assert _write(workshop, "unwritable", 3002, 1).code == 0
    assert _write(workshop, "drops", 1000, 2000, block=512 * 250).code == 0
    workshop.guest.run("sync").ok()
    left = set(workshop.shelf.survivors("drops"))
    assert set(range(1500, 2000)) <= left and not left & set(range(1000, 1500))
    assert _write(workshop, "wraps", 1024 + 5, 1).code == 0
    workshop.guest.run("sync").ok()
    assert 5 not in workshop.shelf.survivors("wraps")


def test_goes_offline(workshop: Workshop) -> None:
    path = workshop.path("offline")
    argv = ("dd", "if=/dev/zero", f"of={path}", "bs=64k", "oflag=direct")
    assert workshop.guest.run(*argv, timeout_s=120).code != 0
    # The kernel asks again, hears NOT READY, and shows an empty disk.
    read = _read(workshop, "offline", 0, 1)
    assert read.code != 0 or "0+0 records in" in read.errors
    assert 0 < workshop.left("offline") < PROFILES["offline"].sectors
