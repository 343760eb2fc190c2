"""The stick's system with a root shell on a serial port: what no screen shows is asked there.

The kernel is started by QEMU with the stick's own command line and systemd's debug shell added;
firmware and GRUB are left out, all else is the stick.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from tests.vm.stick import Pc

_PIECE = 400  # letters of a line
_PROMPT = "<ready {}>"  # with the command's number: one that came too late ends no later one


@dataclasses.dataclass(frozen=True)
class Kernel:
    """What QEMU loads by itself, and the words of its command line."""

    image: Path
    initrd: Path
    words: str


def kernel_of(stick: Path, folder: Path) -> Kernel:
    """The kernel on a stick, with the words its menu gives it."""
    argv = ["xorriso", "-osirrox", "on", "-indev", str(stick)]
    for path in ("live/vmlinuz", "live/initrd", "boot/grub/grub.cfg"):
        argv += ["-extract", f"/{path}", str(folder / Path(path).name)]
    subprocess.run(argv, check=True, capture_output=True, timeout=120)
    words = re.findall(r'^set \w+="(.*)"$', (folder / "grub.cfg").read_text(), re.MULTILINE)
    return Kernel(folder / "vmlinuz", folder / "initrd", " ".join(words))


QUIET = b"stty -echo; PS1=; PS2=; bind 'set enable-bracketed-paste off'\n"


class Inside(Pc):
    """As `Pc`, with `run` for commands as root, and a network card.

    The kernel is the stick's own, unless one is given.
    """

    def __init__(
        self,
        image: Path,
        folder: Path,
        disks: Iterable[Path] = (),
        *,
        nvme: Iterable[Path] = (),
        clock: str = "",
        words: str = "",
        more: Iterable[str] = (),
        kernel: Kernel | None = None,
        log: Path | None = None,
    ) -> None:
        super().__init__(image, folder, disks, nvme=nvme, secure=False, more=more, log=log)
        self._image = image
        self._clock, self._words, self._kernel = clock, words, kernel

    def _argv(self) -> list[str]:
        kernel = self._kernel or kernel_of(self._image, self.folder / "boot")
        started = super()._argv()
        started += ["-kernel", str(kernel.image), "-initrd", str(kernel.initrd)]
        started += ["-append", f"{kernel.words} systemd.debug_shell=ttyS1 {self._words}"]
        started += ["-serial", f"unix:{self.folder / 'shell'},server=on,wait=off"]
        started += ["-nic", "user,model=virtio-net-pci,id=cable"]
        return started + (["-rtc", f"base={self._clock}"] if self._clock else [])

    def __enter__(self) -> Inside:
        super().__enter__()
        self._commands = 0
        self._shell = socket.socket(socket.AF_UNIX)
        self._shell.connect(str(self.folder / "shell"))
        return self

    def ready(self, *, timeout_s: float) -> None:
        """Wait for the shell."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self._shell.sendall(QUIET)  # a PC that does not listen yet takes no more of it
                self.run("true", timeout_s=5)
                return
            except TimeoutError:
                assert time.monotonic() < deadline, "no shell"

    def run(self, command: str, *, timeout_s: float = 60.0) -> str:
        """What a command prints, both streams. Raises `TimeoutError`."""
        self._commands += 1
        prompt = _PROMPT.format(self._commands)
        self._shell.sendall(f"{{ {command}\n}} 2>&1; echo '{prompt[:3]}''{prompt[3:]}'\n".encode())
        seen = b""
        deadline = time.monotonic() + timeout_s
        while prompt.encode() not in seen:
            self._shell.settimeout(max(0.01, deadline - time.monotonic()))
            part = self._shell.recv(65536)
            seen += part
        said = seen.partition(prompt.encode())[0]
        if self._commands > 1:  # what a command before this one still said after its time
            said = said.rpartition(_PROMPT.format(self._commands - 1).encode())[2]
        return said.decode("utf-8", "replace").replace("\r", "").strip()

    def put(self, path: str, text: str) -> None:
        """Write a file there: in pieces, and again until it is whole, for an emulated serial line
        beside a full load loses a letter now and then."""
        data = text.encode()
        coded, digest = base64.b64encode(data).decode(), hashlib.sha256(data).hexdigest()
        for _ in range(5):
            self.run(f": >{path}.coded")
            for at in range(0, len(coded), _PIECE):
                self.run(f"printf %s {coded[at : at + _PIECE]} >>{path}.coded")
            if digest in self.run(f"base64 -d {path}.coded >{path}; sha256sum {path}"):
                return
        raise AssertionError(f"{path} was never whole")

    def ended(self, *, timeout_s: float) -> bool:
        """Whether the PC switches itself off."""
        try:
            return self._process.wait(timeout_s) == 0
        except subprocess.TimeoutExpired:
            return False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shell.close()
        super().__exit__(kind, error, trace)
