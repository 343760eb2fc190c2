"""A PC started from the stick's image: firmware, screen, a donor's disks. No agent inside.

Software emulation only. What the screen shows is read from its picture with the image's own
console fonts.
"""

from __future__ import annotations

import json
import mmap
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from tests.vm import glass, writes
from tests.vm.qmp import Monitor

FIRMWARE = Path("/usr/share/OVMF")
CODE, KEYS = FIRMWARE / "OVMF_CODE_4M.secboot.fd", FIRMWARE / "OVMF_VARS_4M.ms.fd"
SMALL = FIRMWARE / "OVMF32_CODE_4M.secboot.fd", FIRMWARE / "OVMF32_VARS_4M.fd"
DATA_TYPE = "6574AB11-DA7A-4E0D-9C1B-2F0A51C6D3E1"
_STICK = "usb-storage,id=stick,bus=usb.0,drive=stick,removable=true,serial=STICK1"
_BLOCK = 2048  # of ISO 9660
_MOVED = {"a": "q", "q": "a", "z": "w", "w": "z", "m": "semicolon"}
# The keys of a French keyboard, by QEMU's names of the American one.
KEYS_OF = {
    **{letter: (key,) for letter, key in _MOVED.items()},
    **{chr(65 + n): ("shift", _MOVED.get(chr(97 + n), chr(97 + n))) for n in range(26)},
    **{str(n): ("shift", str(n)) for n in range(10)},
    "-": ("6",),
    " ": ("spc",),
    "\n": ("ret",),
}


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


def system_hash(image: Path) -> str:
    """The root hash that the menu gives to the kernel, and papers name."""
    told = re.search(rb"etabli\.verity=([0-9a-f]{64})", _menu(image))
    assert told, "no hash in the menu"
    return told[1].decode()


def _menu(image: Path) -> bytes:
    """The menu of GRUB, as it lies in the image."""
    at = _find(image, lambda block: block.startswith(b"# The menu of the stick"))
    with image.open("rb") as file:
        file.seek(at)
        return file.read(4 * _BLOCK)


def system_offset(image: Path) -> int:
    """Where the system's squashfs begins."""
    return _find(image, lambda block: block[:4] == b"hsqs")


DEBIANS = Path("/usr/share/consolefonts")  # of the package console-setup-linux


def fonts(image: Path, folder: Path) -> list[glass.Font]:
    """The console fonts of the system within the image, and the kernel's own."""
    at = system_offset(image)
    argv = ["unsquashfs", "-q", "-n", "-o", str(at), "-d", str(folder / "fonts"), str(image)]
    argv += ["usr/lib/etabli/fonts"]
    subprocess.run(argv, check=True, capture_output=True, timeout=120)
    ours = sorted((folder / "fonts").rglob("etabli-*.psf.gz"))
    assert ours, "the image has no console font"
    return [glass.load(name) for name in (*ours, DEBIANS / "Lat15-VGA16.psf.gz")]


def _run(*argv: str | Path, told: str = "") -> str:
    """What a tool said. Raises `CalledProcessError` when it failed."""
    done = subprocess.run(argv, input=told, text=True, check=True, capture_output=True, timeout=60)
    return done.stdout


def written(image: Path, stick: Path, mebibytes: int = 1500) -> Path:
    """A stick as `etabli stick` makes it: the image, and a place for records behind it."""
    shutil.copyfile(image, stick)
    with stick.open("r+b") as file:
        file.truncate(mebibytes << 20)
    _run("sfdisk", "--relocate", "gpt-bak-std", stick)
    part = f"type={DATA_TYPE}, name=etabli-data\n"
    _run("sfdisk", "--append", stick, told=part)
    start, size = data_extent(stick)
    offset = f"offset={start},lazy_itable_init=0,lazy_journal_init=0"
    _run("mke2fs", "-q", "-F", "-t", "ext4", "-E", offset, stick, f"{size >> 10}k")
    return stick


NAMED = 'keyboard = "fr"\n\n[[operators]]\ncode = "AB-12"\nname = "Ana"\n'


def settled(stick: Path, settings: str = NAMED) -> Path:
    """The same, of a bench that was named before: it comes to Bonjour, not to a first start."""
    start, _ = data_extent(stick)
    told = stick.with_suffix(".toml")
    told.write_text(settings)
    commands = ("mkdir etabli", f"write {told} etabli/settings.toml")
    _run("debugfs", "-w", "-f", "-", f"{stick}?offset={start}", told="\n".join(commands))
    told.unlink()
    return stick


def readable(text: str) -> int:
    """How much of a picture one font could read."""
    return len(re.sub(r"[?\s]", "", text))


def data_extent(stick: Path) -> tuple[int, int]:
    """Where the place for records begins, and how long it is: bytes."""
    for part in json.loads(_run("sfdisk", "--json", stick))["partitiontable"]["partitions"]:
        if part["type"] == DATA_TYPE:
            return part["start"] * 512, part["size"] * 512
    raise AssertionError(f"{stick} has no place for records")


class Pc:
    """One start of a PC, from a stick unless that is `None`. Use as a context manager.

    The stick is written on, unless `locked`. Disks are SATA; `nvme` ones too, if given.
    `small`: UEFI of 32 bits, without Secure Boot.
    `log`: all that is written to the stick is kept there too (`tests.vm.writes`).
    `screen`: how many dots wide and high; else what QEMU's card says by itself.
    """

    def __init__(
        self,
        stick: Path | None,
        folder: Path,
        disks: Iterable[Path] = (),
        *,
        secure: bool,
        small: bool = False,
        nvme: Iterable[Path] = (),
        locked: bool = False,
        mebibytes: int = 2048,
        more: Iterable[str] = (),
        log: Path | None = None,
        screen: tuple[int, int] | None = None,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.serial = folder / "serial.log"  # GRUB and the firmware speak there too
        self._stick, self._disks, self._nvme = stick, list(disks), list(nvme)
        self._firmware = (CODE, KEYS) if secure else SMALL if small else None
        self._locked, self._mebibytes = locked, mebibytes
        self._more, self._log = list(more), log
        card = "VGA" if screen is None else f"VGA,xres={screen[0]},yres={screen[1]},vgamem_mb=64"
        self._card = ["-device", card]

    def _argv(self) -> list[str]:
        argv = ["qemu-system-x86_64", "-nodefaults", "-display", "none", "-no-reboot"]
        argv += ["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "Westmere"]
        argv += ["-smp", "2", "-m", str(self._mebibytes), *self._card]
        argv += ["-device", "qemu-xhci,id=usb"]
        argv += ["-qmp", f"unix:{self.folder / 'qmp'},server=on,wait=off"]
        argv += ["-serial", f"file:{self.serial}"]
        locked = "on" if self._locked else "off"
        if self._stick is not None:
            argv += ["-blockdev", f"file,node-name=file,filename={self._stick}"]
            name = "stick" if self._log is None else "below"
            argv += ["-blockdev", f"raw,node-name={name},file=file,read-only={locked}"]
            argv += [] if self._log is None else writes.node("stick", name, self._log)
            argv += ["-device", f"{_STICK},bootindex=1"]
        for number, disk in enumerate(self._disks):
            argv += ["-drive", f"if=none,id=disk{number},format=raw,file={disk}"]
            argv += ["-device", f"ide-hd,drive=disk{number},bus=ide.{number},serial=SATA{number}"]
        for number, disk in enumerate(self._nvme):
            argv += ["-drive", f"if=none,id=nvme{number},format=raw,file={disk}"]
            argv += ["-device", f"nvme,drive=nvme{number},serial=NVME{number}"]
        if self._firmware is not None:
            code, empty = self._firmware
            keys = self.folder / "keys.fd"
            shutil.copyfile(empty, keys)
            argv += ["-machine", "smm=on"]
            argv += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
            argv += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}"]
            argv += ["-drive", f"if=pflash,format=raw,unit=1,file={keys}"]
        return argv + self._more

    def pull_out(self) -> None:
        """Pull the stick out, whatever is being written."""
        self.monitor.do("device_del", id="stick")
        self.monitor.wait_event("DEVICE_DELETED", timeout_s=30)

    def put_back(self) -> None:
        """Plug the stick in again."""
        words = dict(word.split("=") for word in _STICK.split(",")[1:])
        self.monitor.do("device_add", driver="usb-storage", **words)

    def write(self, text: str, *, apart_s: float = 0.15) -> None:
        """Type on a French keyboard; letters, digits and a few signs. A long text goes `apart_s`
        as people type it: the emulated keyboard keeps four keys for a PC that is busy."""
        for letter in text:
            self.monitor.press(*KEYS_OF.get(letter, (letter,)))
            time.sleep(apart_s)

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
            all_seen = list(look())
            for seen in all_seen:
                if text in seen:
                    return seen
            assert self._process.poll() is None, "the machine ended"
            last = max(all_seen, key=readable)
            # The emulator's own, now and then: nothing will follow, and CI tries the test again.
            assert "Kernel panic" not in last, last
            assert time.monotonic() < deadline, f"never seen: {text!r}; at the end:\n{last}"
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
