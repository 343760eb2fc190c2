"""What stands beside a visit at the stick's screens: a printer, a hand, an eye on the disks."""

from __future__ import annotations

import random
import socket
import threading
import time
from pathlib import Path

from tests.vm.stick import Pc

SECRET = b"DOSSIER DE MADAME DUPONT "
DISK_MIB = 64


def planted(disk: Path) -> Path:
    """A disk full of somebody's life."""
    disk.write_bytes((SECRET * (1 + (1 << 20) // len(SECRET)))[: 1 << 20] * DISK_MIB)
    return disk


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


class Watch:
    """When nothing planted was left on a disk: how long the stick's log was then."""

    def __init__(self, disks: list[Path], log: Path) -> None:
        self._disks, self._log = disks, log
        self.clean: dict[str, int] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ends.wait(0.3):
            for disk in self._disks:
                if disk.stem not in self.clean and not left_of(disk):
                    self.clean[disk.stem] = self._log.stat().st_size

    def stop(self) -> None:
        self._ends.set()
        self._thread.join()


def left_of(disk: Path) -> bool:
    """Whether anything planted is seen in a look at each mebibyte of a disk, the last bytes too."""
    with disk.open("rb") as file:
        for at in [*(number << 20 for number in range(DISK_MIB)), (DISK_MIB << 20) - 4096]:
            file.seek(at)
            if SECRET in file.read(4096):
                return True
    return False


class Pulls:
    """Pulls the stick out after some of the worker's acts, and puts it back."""

    def __init__(self, pc: Pc, count: int, chance: random.Random) -> None:
        self._pc, self._count, self._chance = pc, count, chance
        self.done = 0

    def perhaps(self) -> None:
        while self.done < self._count and self._chance.random() < (
            0.6 if self._count > 20 else 0.35
        ):
            self._pull()

    def rest(self) -> None:
        """As often as it was not by chance."""
        while self.done < self._count:
            self._pull()

    def _pull(self) -> None:
        time.sleep(self._chance.uniform(0, 3))
        self._pc.pull_out()
        time.sleep(self._chance.uniform(0, 15))  # its page comes after eight seconds
        self._pc.put_back()
        self.done += 1
