"""A test machine: boots, runs commands, gets its power cut, boots again.

Software emulation only (`-accel tcg`): the tests must run where there is no KVM.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.vm.disks import Disk
from tests.vm.guest import Images
from tests.vm.qmp import Monitor

BOOT_TIMEOUT_S = 180.0
CPU = "Westmere"  # has AES-NI and SSE4.2, as every machine the workshops see


class Lost(Exception):
    """The machine ended, by power cut or crash, before it answered."""


@dataclasses.dataclass(frozen=True)
class Done:
    """What a command in the guest gave; `code` is `None` when its time ran out."""

    argv: tuple[str, ...]
    code: int | None
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "replace")

    @property
    def errors(self) -> str:
        return self.err.decode("utf-8", "replace")

    def ok(self) -> Done:
        """Itself; raises `AssertionError` with the output when the exit code is not 0."""
        assert self.code == 0, f"{self.argv} -> {self.code}\n{self.text}\n{self.errors}"
        return self


def _option(arguments: dict[str, object]) -> str:
    return json.dumps(arguments)


class Guest:
    """One boot of the machine over `disks`. Use as a context manager."""

    def __init__(
        self,
        images: Images,
        folder: Path,
        disks: Iterable[Disk] = (),
        *,
        extra: Sequence[str] = (),
        options: str = "",
        memory_mib: int = 1024,
    ) -> None:
        self.disks = list(disks)
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.console = folder / "console.log"
        self._images = images
        self._extra = list(extra)
        self._options = options
        self._memory_mib = memory_mib
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._number = 0
        self._ready = threading.Event()

    def _argv(self) -> list[str]:
        agent, monitor = self.folder / "agent", self.folder / "qmp"
        line = "console=ttyS0 loglevel=4 panic=-1 mitigations=off nokaslr audit=0 "
        line += "random.trust_cpu=1 raid=noautodetect nvme.io_timeout=60 " + self._options
        argv = ["qemu-system-x86_64", "-nodefaults", "-display", "none", "-no-reboot"]
        argv += ["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", CPU, "-smp", "2"]
        argv += ["-m", str(self._memory_mib), "-kernel", str(self._images.kernel)]
        argv += ["-initrd", str(self._images.initramfs), "-append", line]
        argv += ["-serial", f"file:{self.console}", "-qmp", f"unix:{monitor},server=on,wait=off"]
        argv += ["-device", "virtio-serial-pci", "-chardev"]
        argv += [f"socket,id=agent,path={agent},server=on,wait=off"]
        argv += ["-device", "virtserialport,chardev=agent,name=etabli.agent"]
        argv += ["-device", "virtio-scsi-pci,id=scsi", "-device", "qemu-xhci,id=xhci,p2=8,p3=8"]
        for serial, image in (
            ("etabli-root", self._images.root),
            ("etabli-site", self._images.site),
            ("etabli-source", self._images.source),
        ):
            drive = f"if=none,id={serial},format=raw,readonly=on,file={image}"
            argv += ["-drive", drive, "-device", f"virtio-blk-pci,drive={serial},serial={serial}"]
        sata = 0
        for disk in self.disks:
            device = disk.device()
            if device["driver"] == "ide-hd":
                device["bus"] = f"ide.{sata}"
                sata += 1
            argv += ["-blockdev", _option(disk.blockdev()), "-device", _option(device)]
        return argv + self._extra

    def start(self) -> Guest:
        """Boot; returns once the guest's agent answers."""
        for name in ("agent", "qmp"):
            (self.folder / name).unlink(missing_ok=True)
        with (self.folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._argv(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self.monitor = Monitor(self.folder / "qmp")
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(str(self.folder / "agent"))
        except OSError as error:
            self.cut_power()
            raise Lost(f"QEMU did not start: {self.log()}") from error
        threading.Thread(target=self._listen, daemon=True).start()
        deadline = time.monotonic() + BOOT_TIMEOUT_S
        while not self._ready.wait(0.2):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.cut_power()
                raise Lost(f"the guest did not boot: {self.log()}")
        return self

    def log(self) -> str:
        """QEMU's own messages and the end of the guest's console."""
        parts = []
        for path in (self.folder / "qemu.log", self.console):
            if path.is_file():
                parts.append(path.read_bytes()[-4000:].decode("utf-8", "replace"))
        return "\n".join(parts)

    def _listen(self) -> None:
        rest = b""
        while True:
            try:
                part = self._socket.recv(1 << 16)
            except OSError:
                part = b""
            if not part:
                break
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                message = json.loads(line)
                if message.get("ready"):
                    self._ready.set()
                    continue
                with self._lock:
                    future = self._waiting.pop(message["id"], None)
                if future is not None:
                    future.set_result(message)
        with self._lock:
            left, self._waiting = self._waiting, {}
        for future in left.values():
            future.set_exception(Lost("the machine ended before it answered"))

    def _ask(self, **request: object) -> Future[dict[str, Any]]:
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            self._number += 1
            request["id"] = self._number
            self._waiting[self._number] = future
        try:
            self._socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise Lost("the machine is off") from error
        return future

    def begin(
        self, argv: Sequence[str], *, timeout_s: float = 60.0, stdin: bytes | None = None
    ) -> Future[dict[str, Any]]:
        """Start a command in the guest; the answer comes through `finish`."""
        encoded = None if stdin is None else base64.b64encode(stdin).decode()
        return self._ask(do="run", argv=list(argv), timeout_s=timeout_s, stdin=encoded)

    def finish(
        self, future: Future[dict[str, Any]], *, timeout_s: float, argv: Sequence[str] = ()
    ) -> Done:
        """Wait for a command begun. Raises `Lost` when the machine ends first."""
        answer = future.result(timeout_s)
        out, err = base64.b64decode(answer["out"]), base64.b64decode(answer["err"])
        return Done(tuple(argv), answer["exit"], out, err)

    def run(self, *argv: str, timeout_s: float = 60.0, stdin: bytes | None = None) -> Done:
        """Run a command in the guest to its end."""
        future = self.begin(argv, timeout_s=timeout_s, stdin=stdin)
        return self.finish(future, timeout_s=timeout_s + 30, argv=argv)

    def sh(self, script: str, *, timeout_s: float = 60.0) -> Done:
        """Run a shell script in the guest."""
        return self.run("sh", "-c", script, timeout_s=timeout_s)

    def python(self, *words: str, timeout_s: float = 120.0) -> Done:
        """`python -P` in the guest, with the project and its libraries on its path."""
        return self.run("python3", "-P", *words, timeout_s=timeout_s)

    def put(self, path: str, content: bytes) -> None:
        """Write a file in the guest."""
        encoded = base64.b64encode(content).decode()
        self._ask(do="put", path=path, content=encoded).result(60)

    def get(self, path: str) -> bytes | None:
        """A file of the guest, or `None` when it cannot be read."""
        answer = self._ask(do="get", path=path).result(60)
        return base64.b64decode(answer["out"]) if answer["exit"] == 0 else None

    def plug(self, disk: Disk) -> None:
        """Plug a disk in while the machine runs."""
        self.monitor.do("blockdev-add", **disk.blockdev())
        self.monitor.do("device_add", **disk.device())
        self.disks.append(disk)

    def unplug(self, disk: Disk) -> None:
        """Pull a disk out; returns once the guest has let go of it."""
        self.monitor.do("device_del", id="dev-" + disk.name)
        # A disk behind a bridge tells of two: the one within it has no name of its own.
        while self.monitor.wait_event("DEVICE_DELETED")["data"].get("device") != "dev-" + disk.name:
            pass
        self.monitor.do("blockdev-del", node_name=disk.name)
        self.disks.remove(disk)

    def device_of(self, disk: Disk) -> str:
        """The guest's /dev path of a disk, found by its serial."""
        script = (
            f'for t in $(seq 100); do p=$(lsblk -dno PATH,SERIAL | awk \'$2=="{disk.serial}"'
            ' {print $1}\'); [ -n "$p" ] && echo $p && exit; sleep 0.1; done; exit 1'
        )
        return self.sh(script).ok().text.strip()

    def cut_power(self) -> None:
        """What a pulled plug does: nothing more is written, nothing is said."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """Power the guest off in good order; kill it if it does not go."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        try:
            self._ask(do="poweroff").result(20)
            process.wait(30)
        except (Lost, TimeoutError, subprocess.TimeoutExpired):
            self.cut_power()

    def __enter__(self) -> Guest:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and os.environ.get("ETABLI_VM_LOG"):
            print(self.log())
        self.stop()
