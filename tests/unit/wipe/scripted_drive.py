"""A drive at the Runner seam: hdparm, nvme and sg3_utils answered as they print, kept in a file.

The state outlives the process that asked, as a drive's does: a job may be killed
at any moment and find it again. The medium is the file under a loop device.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from diagnostics.command import Completed, Content, Runner

Answer = tuple[int, bytes, bytes]
ACCEPTED = b"Operation started in background\n"
TOOLS = ("hdparm", "nvme", "sg_sanitize", "sg_requests", "sg_turs", "sg_opcodes", "sg_format")


class Drive:
    """`behaviour`: honest, lies (says success, erases nothing), refuses, fails, forgets.

    What forgets gives its old content back at the next power cycle.
    """

    def __init__(self, folder: Path, medium: Path, behaviour: str = "honest") -> None:
        self._file, self._medium, self._behaviour = folder / "drive.json", medium, behaviour
        self.namespaces: tuple[int, ...] | None = None  # allocated; None: it knows no such list

    def state(self) -> dict[str, Any]:
        if self._file.exists():
            return dict(json.loads(self._file.read_text()))
        return {"job": "idle", "left": 0, "password": "", "locked": False, "boot": 1}

    def keep(self, state: dict[str, Any]) -> None:
        self._file.write_text(json.dumps(state))

    def power_cycle(self) -> None:
        """Another boot; a drive with a password comes back locked."""
        state, old = self.state(), self._file.with_name("old-content")
        if old.exists():
            self._medium.write_bytes(old.read_bytes())
            old.unlink()
        self.keep({**state, "locked": bool(state["password"]), "boot": state["boot"] + 1})

    def answer(self, argv: Sequence[str]) -> Answer:
        kind = "sg" if argv[0].startswith("sg_") else argv[0]
        talk: dict[str, Callable[[Sequence[str]], Answer]] = {
            "hdparm": self._hdparm, "nvme": self._nvme, "sg": self._sg,
        }  # fmt: skip
        return talk[kind](argv)

    # -- what every drive does -----------------------------------------------------

    def _begin(self) -> bool:
        """A background erasure; `False`: refused."""
        if self._behaviour == "refuses":
            return False
        self.keep({**self.state(), "job": "running", "left": 2})
        return True

    def _status(self) -> str:
        """idle, running, done, failed; each question brings a running erasure nearer its end."""
        state = self.state()
        if state["job"] == "running":
            if state["left"] == 0:
                state["job"] = "failed" if self._behaviour == "fails" else "done"
                if state["job"] == "done":
                    self._erase()
            else:
                state["left"] -= 1
            self.keep(state)
        return str(state["job"])

    def _erase(self) -> None:
        if self._behaviour == "forgets":
            self._file.with_name("old-content").write_bytes(self._medium.read_bytes())
        if self._behaviour != "lies":
            with self._medium.open("r+b") as file:
                file.write(bytes(self._medium.stat().st_size))

    # -- ATA -----------------------------------------------------------------------

    def _hdparm(self, argv: Sequence[str]) -> Answer:
        state, options = self.state(), {word for word in argv[1:] if word.startswith("-")}
        if "--Istdout" in options:
            return 0, self._identify(state), b""
        if "-N" in options:
            sectors = self._medium.stat().st_size // 512
            return 0, b" max sectors   = %d/%d, HPA is disabled\n" % (sectors, sectors), b""
        if "--sanitize-status" in options:
            return self._sanitize_status()
        if options & {"--sanitize-block-erase", "--sanitize-crypto-scramble"}:
            return (0, ACCEPTED, b"") if self._begin() else (5, b"", b"SANITIZE failed: I/O error")
        return self._security(state, options, argv[-2])

    def _identify(self, state: dict[str, Any]) -> bytes:
        words = [0] * 256
        words[59], words[82] = 1 << 12 | 1 << 13 | 1 << 15, 2
        words[128] = 1 | bool(state["password"]) << 1 | state["locked"] << 2
        rows = [words[start : start + 8] for start in range(0, 256, 8)]
        return "\n".join(" ".join(f"{one:04x}" for one in row) for row in rows).encode()

    def _sanitize_status(self) -> Answer:
        seen = self._status()
        if seen == "failed":
            return 5, b"", b"Drive in SD3 Sanitize Operation Failed state\n"
        if seen == "running":
            return 0, b"State:    SD2 Sanitize operation In Process\nProgress: 0x8000 (50%)\n", b""
        done = b"Last Sanitize Operation Completed Without Error\n" if seen == "done" else b""
        return 0, b"State:    SD0 Sanitize Idle\n" + done, b""

    def _security(self, state: dict[str, Any], options: set[str], word: str) -> Answer:
        if "--security-set-pass" in options and not state["locked"]:
            self.keep({**state, "password": word})
        elif word != state["password"]:
            return 5, b"", b"SECURITY: Input/output error\n"
        elif "--security-unlock" in options:
            self.keep({**state, "locked": False})
        elif state["locked"]:
            return 5, b"", b"SECURITY: Input/output error\n"
        elif "--security-disable" in options:
            self.keep({**state, "password": ""})
        elif self._behaviour == "refuses":
            return 5, b"", b"SECURITY_ERASE: Input/output error\n"
        else:
            self._erase()
            self.keep({**state, "password": ""})
        return 0, b"", b""

    # -- NVMe ----------------------------------------------------------------------

    def _nvme(self, argv: Sequence[str]) -> Answer:
        if argv[1] == "id-ctrl":
            raw = bytearray(4096)
            raw[256], raw[328], raw[516], raw[524] = 2, 3, 1, 4
            if self.namespaces is not None:
                raw[256], raw[516] = 10, 32
            return 0, bytes(raw), b""
        if argv[1] == "admin-passthru":
            listed = {"--cdw10=0x2": (1,), "--cdw10=0x10": self.namespaces}
            found = next((listed[word] for word in argv if word in listed), None)
            if found is None:
                return 1, b"", b"NVMe status: Invalid Field in Command(0x2)\n"
            return 0, b"".join(one.to_bytes(4, "little") for one in found).ljust(4096, b"\0"), b""
        if argv[1] in ("get-log", "show-regs"):
            return 1, b"", b"NVMe status: Invalid Log Page(0x109)\n"
        if argv[1] == "sanitize-log":
            status = {"idle": 0, "done": 1, "running": 2, "failed": 3}[self._status()]
            return 0, b"\x00\x80" + bytes([status]) + bytes(509), b""
        if argv[1] == "format":
            if self._behaviour == "refuses":
                return 1, b"", b"NVMe status: Invalid Format\n"
            self._erase()
            return 0, b"Success formatting namespace:ffffffff\n", b""
        if "--sanact=1" in argv:
            self.keep({**self.state(), "job": "idle"})
            return 0, b"", b""
        return (0, b"", b"") if self._begin() else (1, b"", b"NVMe status: Invalid Field\n")

    # -- SCSI ----------------------------------------------------------------------

    def _sg(self, argv: Sequence[str]) -> Answer:
        tool = argv[0]
        if tool == "sg_opcodes":
            return 0, b"Command is supported [conforming to SCSI standard]\n", b""
        if tool == "sg_turs":
            return (2 if self.state()["job"] in ("running", "failed") else 0), b"", b""
        if tool == "sg_requests":
            return 0, self._sense(), b""
        if "--fail" in argv:
            self.keep({**self.state(), "job": "idle"})
            return 0, b"", b""
        return (0, b"", b"") if self._begin() else (5, b"", b"Illegal request\n")

    def _sense(self) -> bytes:
        raw = bytearray(18)
        raw[0] = 0x70
        seen = self._status()
        if seen == "running":
            raw[2], raw[12], raw[13], raw[15], raw[16] = 2, 0x04, 0x1B, 0x80, 0x40
        elif seen == "failed":
            raw[2], raw[12], raw[13] = 3, 0x31, 0x03
        return bytes(raw)


class Bench:
    """A machine with this one drive on a loop device; `passing` sees each word to the drive.

    `passing` is called before the drive hears a command and after it has obeyed.
    """

    def __init__(
        self, below: Runner, drive: Drive, name: str, passing: Callable[[], None] = lambda: None
    ) -> None:
        self._below, self._drive, self._name, self._passing = below, drive, name, passing

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        words = tuple(argv)
        if words[0] == "lsblk":
            disk = {"kname": self._name, "ptuuid": "none-but-seen"}
            listed = json.dumps({"blockdevices": [disk]}).encode()
            return Completed(words, 0, listed, b"", 0.0)
        if words[0] not in TOOLS:
            return Completed(words, 1, b"{}", b"", 0.0)
        self._passing()
        code, out, err = self._drive.answer(words)
        self._passing()
        return Completed(words, code, out, err, 0.0)

    def read(self, path: str) -> Content:
        if path == "/proc/sys/kernel/random/boot_id":
            return Content(path, b"boot-%d" % self._drive.state()["boot"])
        if path == f"/sys/class/block/{self._name}/device/serial":
            return Content(path, b"SERIAL-1")
        return self._below.read(path)

    def names(self, path: str) -> tuple[str, ...] | None:
        return (self._name,) if path == "/sys/class/block" else self._below.names(path)

    def link(self, path: str) -> str | None:
        if path == f"/sys/class/block/{self._name}/device":
            return "/sys/devices/pci0000:00/nvme/nvme0"
        return self._below.link(path)

    def has(self, tool: str) -> bool:
        return tool in TOOLS
