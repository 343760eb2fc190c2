"""A PC without a stick starts over the workshop's network, beside the router's own DHCP.

`live/netboot` itself serves, in a network namespace with a plain DHCP server beside it: firmware,
loader, kernel and system all come by what it says. The image is `ETABLI_STICK=FILE`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from bench.records.log import SystemClock, open_bench
from bench.records.signed import keys
from bench.words.catalogue import say
from tests.vm import glass, stick
from tests.vm.bridge import BRIDGE, SERVER, Network
from tests.vm.stick import Pc

pytestmark = [pytest.mark.vm, pytest.mark.root]

ROOT = Path(__file__).resolve().parents[2]
START_S = 600.0  # emulated, beside a full load; alone it takes two or three minutes
PAGE_S = 240.0  # emulated, beside a full load, on a slow day


class Running:
    """A command of ours running in the network. What it says is in `told()`."""

    def __init__(self, network: Network, data: Path, log: Path, ready: str, *words: str) -> None:
        self._argv = [*network.within, sys.executable, "-m", "bench", "--data", str(data), *words]
        self._log, self._ready = log, ready

    def told(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def wait_for(self, text: str, *, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while text not in self.told():
            assert self._process.poll() is None, self.told()
            assert time.monotonic() < deadline, f"never said: {text!r}\n{self.told()}"
            time.sleep(0.2)

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._argv,
                cwd=ROOT,
                env=os.environ | {"LANG": "fr_FR.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.wait_for(self._ready, timeout_s=90)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(20) == 0, self.told()


class Served(Running):
    """`etabli netboot`."""

    def __init__(self, network: Network, image: Path, folder: Path, *options: str) -> None:
        words = ("netboot", str(image), "--interface", BRIDGE, *options)
        super().__init__(
            network, folder / "data", folder / "served.log", say("netboot.ready"), *words
        )


class OverNetwork(Pc):
    """A PC whose only way to start is its network card."""

    def __init__(
        self,
        network: Network,
        folder: Path,
        *,
        secure: bool,
        disks: tuple[Path, ...] = (),
        mebibytes: int = 2048,
        model: str = "virtio-net-pci",
    ) -> None:
        # Without SSSE3 the kernel hashes in plain C, which an emulator is good at.
        more = [*network.card(model), "-cpu", "qemu64"]
        super().__init__(None, folder, disks, secure=secure, mebibytes=mebibytes, more=more)
        self._network = network

    def _argv(self) -> list[str]:
        return [*self._network.within, *super()._argv()]


@pytest.fixture(scope="module")
def letters(image: Path, tmp_path_factory: pytest.TempPathFactory) -> list[glass.Font]:
    return stick.fonts(image, tmp_path_factory.mktemp("letters"))


@pytest.fixture
def network(vm_folder: Path) -> Iterator[Network]:
    why = Network.refusal()
    if why:
        pytest.skip(why)
    with Network(vm_folder) as made:
        yield made


def at_start(name: str, **values: str) -> str:
    """A sentence of the first file system. The kernel's own font has another apostrophe, and
    another v, than Debian's that it is read with."""
    return say(f"live.{name}", **values).replace("'", "?").replace("v", "?")


def disk_of(folder: Path) -> Path:
    disk = folder / "donor.raw"
    with disk.open("wb") as file:
        file.write(b"family pictures " * 4096)
        file.truncate(64 << 20)
    return disk


def comes_to_its_screens(pc: Pc, letters: list[glass.Font], page: str) -> str:
    """It says that there is no stick, then greets; the greeting, whole."""
    pc.wait_for_screen(say(f"live.{page}"), letters, timeout_s=START_S)
    pc.monitor.press("ret")
    return pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=START_S)


def test_an_old_pc_starts_without_a_stick_and_nothing_may_be_erased(
    image: Path, network: Network, letters: list[glass.Font], vm_folder: Path
) -> None:
    donor = disk_of(vm_folder)
    before = donor.read_bytes()
    with (
        Served(network, image, vm_folder) as served,
        OverNetwork(network, vm_folder / "bios", secure=False, disks=(donor,)) as pc,
    ):
        served.wait_for("52:54:00:77:00:01 demande", timeout_s=PAGE_S)
        shown = comes_to_its_screens(pc, letters, "net_start")
        assert say("screens.volatile") in shown
        assert "a reçu le système" in served.told()
    assert donor.read_bytes() == before
    assert "DHCPACK(box)" in network.log.read_text("utf-8", "replace")  # who gave the address


def test_uefi_with_secure_boot_starts_by_the_signed_chain(
    image: Path, network: Network, letters: list[glass.Font], vm_folder: Path
) -> None:
    if not (stick.CODE.is_file() and stick.KEYS.is_file()):
        pytest.skip("no UEFI firmware here: apt install ovmf")
    with (
        Served(network, image, vm_folder, "--erase-unkept"),
        OverNetwork(network, vm_folder / "uefi", secure=True) as pc,
    ):
        shown = comes_to_its_screens(pc, letters, "net_erase")
        assert say("screens.volatile") in shown


def test_too_little_memory_is_said_before_anything_is_fetched(
    image: Path, network: Network, letters: list[glass.Font], vm_folder: Path
) -> None:
    wanted = at_start("boot_net_memory", has="{}", wanted="{}").partition("{}")[0]
    with (
        Served(network, image, vm_folder) as served,
        OverNetwork(network, vm_folder / "small", secure=True, mebibytes=768) as pc,
    ):
        pc.wait_for_screen(wanted, letters, timeout_s=START_S)
        assert "reçoit le système" not in served.told()


def test_another_system_than_the_menu_named_is_refused_and_a_dead_server_is_waited_for(
    image: Path, network: Network, letters: list[glass.Font], vm_folder: Path
) -> None:
    """The cable is pulled while the kernel starts, and the server ends. Then one on the same
    address gives a system with one byte changed, as a thief on the network would."""
    other = vm_folder / "system.squashfs"
    argv = ["xorriso", "-osirrox", "on", "-indev", str(image), "-extract"]
    subprocess.run([*argv, "/live/system.squashfs", str(other)], check=True, capture_output=True)
    other.chmod(0o644)
    with other.open("r+b") as file:
        file.seek(20 << 20)
        byte = file.read(1)
        file.seek(20 << 20)
        file.write(bytes([byte[0] ^ 1]))
    with OverNetwork(network, vm_folder / "uefi", secure=True) as pc:  # its text can be read
        with Served(network, image, vm_folder) as served:
            served.wait_for("demande à démarrer", timeout_s=PAGE_S)
            pc.wait_for_screen(at_start("boot_starts"), letters, timeout_s=START_S)
            pc.monitor.link("cable", up=False)
        pc.wait_for_screen(at_start("boot_net_none"), letters, timeout_s=START_S)
        pc.monitor.link("cable", up=True)
        pc.wait_for_screen(at_start("boot_net_server"), letters, timeout_s=START_S)
        argv = [*network.within, sys.executable, "-m", "http.server", "--bind", SERVER, "8475"]
        thief = subprocess.Popen(argv, cwd=vm_folder, stderr=subprocess.DEVNULL)
        try:
            pc.wait_for_screen(at_start("boot_net_other"), letters, timeout_s=START_S)
        finally:
            thief.kill()
            thief.wait()


def test_a_pc_without_a_stick_joins_by_two_voices_and_sends_what_it_writes(
    image: Path, network: Network, letters: list[glass.Font], vm_folder: Path
) -> None:
    """The workshop's server beside `live/netboot`; what is read aloud is read from the screen."""
    office = vm_folder / "office"
    log = open_bench(office, SystemClock(), name="Lille")
    workshop = keys.load(office / "keys" / "workshop.key")
    hub = Running(
        network, office, vm_folder / "hub.log", SERVER, "hub", "--listen", SERVER
    )  # the namespace has no way out by which it would know its address
    with (
        Served(network, image, vm_folder),
        hub,
        OverNetwork(network, vm_folder / "join", secure=False) as pc,
    ):
        pc.wait_for_screen(say("live.net_start"), letters, timeout_s=START_S)
        pc.monitor.press("ret")
        pc.wait_for_screen(say("start.offer.found"), letters, timeout_s=START_S)
        pc.write("1")
        pc.wait_for_screen(say("start.workshop.title"), letters, timeout_s=PAGE_S)
        pc.write("Lens\n")
        pc.wait_for_screen(say("start.number.title"), letters, timeout_s=PAGE_S)
        pc.write("7\n")
        told = say("start.request.sent", count=1)
        shown = pc.wait_for_screen(told, letters, timeout_s=PAGE_S)
        heard = re.search(r"(?:\d{5} ){6}\d{2}", shown)
        assert heard, shown
        argv = [sys.executable, "-m", "bench", "--data", str(office), "keys", "admit"]
        subprocess.run([*argv, "--heard", heard[0]], cwd=ROOT, check=True, capture_output=True)
        pc.wait_for_screen(say("start.answer.title"), letters, timeout_s=PAGE_S)
        pc.write(workshop.fingerprint.replace(" ", "") + "\n", apart_s=0.6)
        pc.wait_for_screen(say("start.answer.joined"), letters, timeout_s=PAGE_S)
        pc.write("1")
        pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=PAGE_S)
        sent = f"{say('screens.bench', number=7)} {say('screens.sent')}"
        pc.wait_for_screen(sent, letters, timeout_s=PAGE_S)
    names = [name for (name,) in log.store.query("SELECT name FROM bench ORDER BY name")]
    assert "Lens, poste 7" in names
    log.store.close()
