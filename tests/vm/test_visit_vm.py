"""From an unwritten stick to the donor's paper: a whole visit at the stick's own screens."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.words.catalogue import say
from tests.vm import glass, stick
from tests.vm.inside import Inside
from tests.vm.test_stick_vm import START_S, letters
from tests.vm.visit import Worker

__all__ = ["letters"]  # a fixture
pytestmark = pytest.mark.vm
SECRET = b"DOSSIER DE MADAME DUPONT "


class Printer:
    """Takes what is sent to port 9100, as a label printer in the network does."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.taken = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._door.accept()
            except OSError:
                return
            with wire:
                wire.settimeout(5)
                try:
                    while part := wire.recv(65536):
                        self.taken += part
                except OSError:
                    pass

    def close(self) -> None:
        self._door.close()


@pytest.fixture
def printer() -> Iterator[Printer]:
    made = Printer()
    yield made
    made.close()


def planted(disk: Path, mebibytes: int = 64) -> Path:
    """A disk full of somebody's life."""
    disk.write_bytes((SECRET * (1 + (1 << 20) // len(SECRET)))[: 1 << 20] * mebibytes)
    return disk


def parts_of(key: Path, image: Path) -> list[bytes]:
    """What of the stick must never change: the image behind the partition table's 34 blocks."""
    size = image.stat().st_size - (1 << 20)  # its own backup table is at its end
    with key.open("rb") as file:
        file.seek(64 * 512)
        return [file.read(size - 64 * 512)]


def supervised(pc: Inside, letters: list[glass.Font], worker: Worker) -> None:
    """The second console opens for the code alone; its commands find what the screens did."""
    wrong = say("records.errors.pin_wrong")
    pc.monitor.press("ctrl", "alt", "f2")
    pc.wait_for_screen(say("live.shell"), letters, timeout_s=60)
    pc.write("\n")
    pc.wait_for_screen(say("records.keys.code_ask").strip(), letters, timeout_s=60)
    pc.write("111111\n")
    pc.wait_for_screen(wrong, letters, timeout_s=60)
    while wrong in worker.look():
        time.sleep(1)
    pc.wait_for_screen(say("live.shell"), letters, timeout_s=60)
    pc.write("\n")
    pc.wait_for_screen(say("records.keys.code_ask").strip(), letters, timeout_s=60)
    pc.write("481516\n")
    pc.wait_for_screen("etabli#", letters, timeout_s=60)
    pc.write("id\n")
    pc.wait_for_screen("uid=0(root)", letters, timeout_s=60)
    pc.write("etabli jobs\n")
    pc.wait_for_screen("SATA0", letters, timeout_s=120)
    assert pc.run("find /run/etabli/data/etabli -user root") == ""  # nothing the screens cannot use
    pc.monitor.press("alt", "f1")
    pc.wait_for_screen(say("screens.done.next"), letters, timeout_s=60)


def test_from_an_unwritten_stick_to_the_papers(
    image: Path, letters: list[glass.Font], vm_folder: Path, printer: Printer
) -> None:
    key = vm_folder / "stick.raw"
    key.write_bytes(image.read_bytes())
    with key.open("r+b") as file:
        file.truncate(1500 << 20)  # as a plain copy leaves it: it makes its own place for records
    before = parts_of(key, image)
    sata, nvme = planted(vm_folder / "sata.raw"), planted(vm_folder / "nvme.raw")
    with Inside(key, vm_folder / "pc", [sata], nvme=[nvme]) as pc:
        pc.ready(timeout_s=START_S)
        worker = Worker(pc, letters)
        first_start = [
            (say("start.keyboard.title"), lambda _: pc.write("1")),
            (say("start.workshop.title"), lambda _: pc.write("ESSAI\n")),
            (say("start.number.title"), lambda _: pc.write("1\n")),
            (say("start.code.title"), lambda _: pc.write("481516")),
            (f"1  {say('start.code.go')}", lambda _: pc.write("1")),
            (say("start.ready.title"), lambda _: pc.write("1")),
        ]
        worker.play(first_start, say("screens.hello.badge"), timeout_s=START_S, each_s=5)
        settings = "/run/etabli/data/etabli/settings.toml"
        pc.run(f"sed -i '1i printer = \"tcp://10.0.2.2:{printer.port}\"' {settings}")
        pc.run("systemctl restart etabli")
        worker.play(worker.rules(), say("screens.done.next"), timeout_s=1200)
        supervised(pc, letters, worker)
        pc.run("sync")
    assert SECRET not in sata.read_bytes() and SECRET not in nvme.read_bytes()
    assert parts_of(key, image) == before
    assert len(printer.taken) > 100
    kept = vm_folder / "kept"
    start, size = stick.data_extent(key)
    place = vm_folder / "data.raw"
    with key.open("rb") as file, place.open("wb") as copy:
        file.seek(start)
        copy.write(file.read(size))
    kept.mkdir()
    subprocess.run(["e2fsck", "-fy", str(place)], check=False, capture_output=True, timeout=60)
    dump = ["debugfs", "-R", f"rdump /etabli {kept}", str(place)]
    subprocess.run(dump, check=True, capture_output=True, timeout=120)
    papers = sorted((kept / "etabli" / "documents").rglob("*.json"))
    assert papers, sorted(kept.rglob("*"))
    argv = [sys.executable, "-m", "bench", "verify", str(papers[0]), "--data", str(kept / "etabli")]
    verified = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    system = stick.system_hash(image)  # the paper names the image that erased
    assert system[:4] in verified.stdout and system in verified.stdout.replace(" ", "")
