"""Puts a `Drive` behind the kernel's TCM in user space: a real /dev/sdX in the guest.

target_core_user hands every CDB to us through a ring in shared memory (kernel
`include/uapi/linux/target_core_user.h`, Documentation/target/tcmu-design.rst) and
tcm_loop shows the device to the SCSI layer of the same kernel. Both are driven through
configfs. The netlink messages are switched off (`nl_reply_supported=-1`): we find our
UIO device by its name.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import struct
import threading
import time
import traceback
from pathlib import Path

from tests.vm.drive.scsi import CHECK_CONDITION, HARDWARE, Drive, Reply, refuse, takes_data

CONFIG = Path("/sys/kernel/config/target")
HEAD, TAIL = 12, 64  # offsets in struct tcmu_mailbox
OP_CMD = 1
UFLAG_READ_LEN = 2
SENSE_BYTES = 96
WORKING_S, IDLE_S = 0.25, 10.0  # between looks: an emulated CPU has no time to waste


class Ring:
    """The command ring of one UIO device."""

    def __init__(self, uio: Path) -> None:
        size = int((Path("/sys/class/uio") / uio.name / "maps/map0/size").read_text(), 16)
        self.descriptor = os.open(uio, os.O_RDWR)
        self._memory = mmap.mmap(self.descriptor, size)
        version, _, self._offset, self._size = struct.unpack_from("<HHII", self._memory, 0)
        if version != 2:
            raise RuntimeError(f"TCMU mailbox version {version}, expected 2")

    def wait(self, timeout_s: float) -> bool:
        """Sleep until the kernel rings, or a moment has passed; whether it rang."""
        ready, _, _ = select.select([self.descriptor], [], [], timeout_s)
        if ready:
            os.read(self.descriptor, 4)
        return bool(ready)

    def _word(self, at: int) -> int:
        value: int = struct.unpack_from("<I", self._memory, at)[0]
        return value

    def serve(self, drive: Drive) -> None:
        """Answer all that waits in the ring."""
        while (tail := self._word(TAIL)) != self._word(HEAD):
            entry = self._offset + tail
            head = self._word(entry)
            if head & 7 == OP_CMD:
                self._answer(entry, drive)
            struct.pack_into("<I", self._memory, TAIL, (tail + (head & ~7)) % self._size)
            os.write(self.descriptor, b"\0\0\0\0")

    def _answer(self, entry: int, drive: Drive) -> None:
        """struct tcmu_cmd_entry: iov_cnt at 8, cdb_off at 24, iov from 48 on."""
        pieces = [
            struct.unpack_from("<QQ", self._memory, entry + 48 + 16 * n)
            for n in range(self._word(entry + 8))
        ]
        (where,) = struct.unpack_from("<Q", self._memory, entry + 24)
        cdb = bytes(self._memory[where : where + 16])
        data = b""
        if takes_data(cdb):
            data = b"".join(self._memory[at : at + size] for at, size in pieces)
        try:
            reply = drive.execute(cdb, data)
        except Exception:  # noqa: BLE001  a drive that dies would hang the guest's kernel
            traceback.print_exc()
            reply = refuse(HARDWARE, 0x44)  # internal target failure
        self._fill(pieces, reply.data)
        self._finish(entry, reply, sum(size for _, size in pieces))

    def _fill(self, pieces: list[tuple[int, int]], data: bytes) -> None:
        for at, size in pieces:
            part, data = data[:size], data[size:]
            self._memory[at : at + len(part)] = part

    def _finish(self, entry: int, reply: Reply, room: int) -> None:
        """The response lies over the request: status at 8, read_len at 12, sense at 16."""
        if reply.data:
            self._memory[entry + 7] |= UFLAG_READ_LEN
        length = min(len(reply.data), room)
        struct.pack_into("<BBHI", self._memory, entry + 8, reply.status, 0, 0, length)
        sense = reply.sense if reply.status == CHECK_CONDITION else b""
        start = entry + 16
        self._memory[start : start + SENSE_BYTES] = sense.ljust(SENSE_BYTES, b"\0")[:SENSE_BYTES]


def _write(path: Path, text: str) -> None:
    """One write, as configfs wants it."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _find_uio(name: str) -> Path:
    wanted = f"tcm-user/0/{name}/"
    for entry in Path("/sys/class/uio").iterdir():
        if (entry / "name").read_text().startswith(wanted):
            return Path("/dev") / entry.name
    raise RuntimeError(f"no UIO device for {name}")


def _loop(ring: Ring, drive: Drive) -> None:
    while True:
        ring.serve(drive)
        if not ring.wait(IDLE_S if drive.core.state.work is None else WORKING_S):
            drive.core.advance()  # otherwise each command does


def attach(name: str, drive: Drive, number: int) -> str:
    """Show a drive to the kernel; give its /dev path. It is served by a thread of its own."""
    store = CONFIG / "core" / "user_0" / name
    store.mkdir(parents=True)
    size = drive.core.profile.sectors * 512
    _write(
        store / "control",
        f"dev_config=etabli/{name},dev_size={size},hw_block_size=512,"
        "nl_reply_supported=-1,max_data_area_mb=8",
    )
    # Under emulation a command may wait for long; a drive's own limits are not tested here.
    _write(store / "attrib" / "cmd_time_out", "0")
    # One mebibyte of ring is plenty; older kernels have no such setting and take eight.
    with contextlib.suppress(OSError):
        _write(store / "control", "cmd_ring_size_mb=1")
    _write(store / "enable", "1")
    ring = Ring(_find_uio(name))
    threading.Thread(target=_loop, args=(ring, drive), daemon=True).start()
    naa = f"naa.6001405{number:09x}"
    target = CONFIG / "loopback" / naa / "tpgt_1"
    target.mkdir(parents=True)
    _write(target / "nexus", f"naa.6001405f{number:08x}")
    (target / "lun" / "lun_0").mkdir()
    (target / "lun" / "lun_0" / "store").symlink_to(store)
    host = (target / "address").read_text().split(":")[0].strip()
    return _block_device(host)


def _block_device(host: str, patience_s: float = 20.0) -> str:
    """The disk of a SCSI host that has only one."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        for found in Path("/sys/bus/scsi/devices").glob(f"{host}:*/block/*"):
            (found.parents[1] / "timeout").write_text("300")
            return f"/dev/{found.name}"
        time.sleep(0.02)
    raise RuntimeError(f"the kernel shows no disk on SCSI host {host}")
