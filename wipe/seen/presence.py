"""Is the disk still there, and how warm is it. Reads sysfs; smartctl where sysfs is silent."""

from __future__ import annotations

import re
import threading
from pathlib import PurePosixPath

import msgspec

from diagnostics.command import Runner
from diagnostics.model import DiskKind
from wipe.model.spec import Target, TargetKind

_DEAD = frozenset({"offline", "transport-offline", "cancel", "deleted", "del", "dead", "deleting"})
# Above these a drive is held back to cool; makers' limits lie at 60 (disks) and 70 to 85 (flash).
_PAUSE_AT_C = {DiskKind.HDD: 58, DiskKind.SAS_HDD: 60, DiskKind.SSD: 68, DiskKind.NVME: 78}
_PAUSE_OTHERS_AT_C = 65


class Presence:
    """Tells a pulled or dead disk from one with a bad sector. Any thread may ask."""

    def __init__(self, runner: Runner, target: Target, diskseq: int | None) -> None:
        self._runner = runner
        self._base: str | None = None
        if target.kind is TargetKind.BLOCK:
            self._base = f"/sys/class/block/{PurePosixPath(target.path).name}"
        self._diskseq = diskseq

    def gone(self) -> bool:
        """The device vanished, came back as another attachment, or was set offline."""
        if self._base is None:
            return False
        if self._runner.link(self._base) is None:
            return True
        if (self._runner.read(f"{self._base}/device/state").text or "") in _DEAD:
            return True
        if self._runner.read(f"{self._base}/size").text in ("0", None):
            return True
        now = self._runner.read(f"{self._base}/diskseq").text
        return self._diskseq is not None and now is not None and now != str(self._diskseq)


def pause_at_c(target: Target, wanted: int | None) -> int | None:
    """The temperature at which writing pauses."""
    if target.kind is TargetKind.IMAGE:
        return None
    return wanted or _PAUSE_AT_C.get(target.disk_kind, _PAUSE_OTHERS_AT_C)


class Thermometer:
    """Reads in a thread of its own: a drive that hangs on SMART must not hang its job."""

    def __init__(self, runner: Runner, target: Target, every_s: float) -> None:
        self._runner, self._every_s = runner, every_s
        self._path = target.path
        self._base = f"/sys/class/block/{PurePosixPath(target.path).name}/device"
        self._latest: int | None = None
        self._halt = threading.Event()
        self._reading = threading.Lock()
        virtual = target.disk_kind in (DiskKind.VIRTUAL, DiskKind.IMAGE)
        if target.kind is TargetKind.BLOCK and not virtual:
            threading.Thread(target=self._run, name="temperature", daemon=True).start()

    def latest(self) -> int | None:
        """Degrees Celsius, or `None`: unknown, which never pauses and never reassures."""
        return self._latest

    def hold(self, held: bool) -> None:
        """Leave the drive alone, once a reading under way has ended; or read again.

        SECURITY ERASE UNIT must follow ERASE PREPARE at once (ACS-4 7.43): a SMART command
        between them makes the drive refuse, and one sent later waits until all is erased and
        makes the kernel reset the link.
        """
        if held:
            self._reading.acquire()
        else:
            self._reading.release()

    def _run(self) -> None:
        while not self._halt.is_set():
            with self._reading:
                self._latest = read_temperature(self._runner, self._base, self._path)
            self._halt.wait(self._every_s)


def read_temperature(runner: Runner, base: str, path: str) -> int | None:
    """hwmon (drivetemp, nvme) costs nothing; smartctl asks the drive."""
    for folder in (base, f"{base}/hwmon"):
        for name in runner.names(folder) or ():
            if name.startswith("hwmon") and name != "hwmon":
                text = runner.read(f"{folder}/{name}/temp1_input").text
                if text and re.fullmatch(r"-?[0-9]{1,7}", text):
                    return _sane(int(text) // 1000)
    return parse_temperature(runner.run(["smartctl", "-j", "-A", path], timeout_s=20).stdout)


class _Current(msgspec.Struct, frozen=True):
    current: int | None = None


class _Answer(msgspec.Struct, frozen=True):
    temperature: _Current = _Current()


_ANSWERS = msgspec.json.Decoder(_Answer)


def parse_temperature(raw: bytes) -> int | None:
    """`temperature.current` of smartctl's JSON; absurd values are no temperature."""
    try:
        found = _ANSWERS.decode(raw).temperature.current
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return _sane(found)


def _sane(found: int | None) -> int | None:
    return found if found is not None and -20 < found < 120 else None
