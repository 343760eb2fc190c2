"""A PC started from the stick's image: firmware, screen, a donor's disks. No agent inside.

Software emulation only. What the screen shows is read from its picture with the image's own
console fonts.
"""

from __future__ import annotations

import mmap
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from tests.vm import glass
from tests.vm.qmp import Monitor

FIRMWARE = Path("/usr/share/OVMF")
CODE, KEYS = FIRMWARE / "OVMF_CODE_4M.secboot.fd", FIRMWARE / "OVMF_VARS_4M.ms.fd"
_BLOCK = 2048  # of ISO 9660


def _find(image: Path, fits: Callable[[bytes], bool]) -> int:
    """Where in the image a file begins whose first block fits."""
    with image.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for at in range(0, len(data), _BLOCK):
            if fits(data[at : at + _BLOCK]):
                return at
    raise AssertionError(f"not in {image}")


def kernel_offset(image: Path) -> int:
    """Where the kernel lies: the signature of the boot protocol, at its place."""
    return _find(image, lambda block: block[0x202:0x206] == b"HdrS")


def fonts(image: Path, folder: Path) -> list[glass.Font]:
    """The console fonts of the system within the image."""
    at = _find(image, lambda block: block[:4] == b"hsqs")
    argv = ["unsquashfs", "-q", "-n", "-o", str(at), "-d", str(folder / "fonts"), str(image)]
    argv += ["usr/share/consolefonts"]
    subprocess.run(argv, check=True, capture_output=True, timeout=120)
    names = sorted((folder / "fonts").rglob("Lat15-Terminus[0-9]*.psf.gz"))
    assert names, "the image has no console font"
    return [glass.load(name) for name in names]


class Pc:
    """One start of a PC from the stick. Use as a context manager."""

    def __init__(
        self, image: Path, folder: Path, disks: Iterable[Path] = (), *, secure: bool
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.serial = folder / "serial.log"  # GRUB and the firmware speak there too
        self._image, self._disks, self._secure = image, list(disks), secure

    def _argv(self) -> list[str]:
        argv = ["qemu-system-x86_64", "-nodefaults", "-display", "none", "-no-reboot"]
        argv += ["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "Westmere"]
        argv += ["-smp", "2", "-m", "2048", "-vga", "std", "-device", "qemu-xhci"]
        argv += ["-qmp", f"unix:{self.folder / 'qmp'},server=on,wait=off"]
        argv += ["-serial", f"file:{self.serial}"]
        argv += ["-drive", f"if=none,id=stick,format=raw,readonly=on,file={self._image}"]
        argv += ["-device", "usb-storage,drive=stick,removable=on,bootindex=1"]
        for number, disk in enumerate(self._disks):
            argv += ["-drive", f"if=none,id=disk{number},format=raw,file={disk}"]
            argv += ["-device", f"ide-hd,drive=disk{number},bus=ide.{number}"]
        if self._secure:
            keys = self.folder / "keys.fd"
            shutil.copyfile(KEYS, keys)
            argv += ["-machine", "smm=on"]
            argv += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
            argv += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={CODE}"]
            argv += ["-drive", f"if=pflash,format=raw,unit=1,file={keys}"]
        return argv

    def picture(self) -> Path:
        """The screen as it is now."""
        self.monitor.do("screendump", filename=str(self.folder / "screen.png"), format="png")
        return self.folder / "screen.png"

    def wait_for_screen(self, text: str, letters: list[glass.Font], *, timeout_s: float) -> str:
        """All the screen shows, once it shows `text`; the picture is kept where it does not."""
        return self._wait(
            lambda: ("\n".join(glass.read(self.picture(), font)) for font in letters),
            text,
            timeout_s,
        )

    def wait_for_serial(self, text: str, *, timeout_s: float) -> str:
        """What firmware and GRUB said, once they said `text`."""
        return self._wait(lambda: [self.serial.read_text("utf-8", "replace")], text, timeout_s)

    def _wait(self, look: Callable[[], Iterable[str]], text: str, timeout_s: float) -> str:
        deadline = time.monotonic() + timeout_s
        while True:
            for seen in look():
                if text in seen:
                    return seen
            assert self._process.poll() is None, "the machine ended"
            assert time.monotonic() < deadline, f"never seen: {text!r}; see {self.folder}"
            time.sleep(2)  # reading a picture takes part of a second from the machine

    def __enter__(self) -> Pc:
        self._process = subprocess.Popen(self._argv(), stdin=subprocess.DEVNULL)
        self.monitor = Monitor(self.folder / "qmp")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
