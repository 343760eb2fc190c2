"""`python -m tests.vm.nvme.proxy nvme0 KIND`: put a sanitizing controller before QEMU's.

QEMU's NVMe has no SANITIZE. /dev/nvme0 is moved to /dev/nvme0-real and replaced by a
CUSE device which forwards every admin command to it, except SANITIZE and what belongs to
it. The namespace stays QEMU's: its blocks are really erased, read and written.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

from tests.vm.nvme.controller import (
    ACT_CRYPTO,
    FORMAT,
    GET_LOG,
    IDENTIFY,
    LOG_SANITIZE,
    SANITIZE,
    Sanitizer,
)
from tests.vm.nvme.cuse import Ask, Device, Give

ADMIN, ADMIN64 = 0xC0484E41, 0xC0504E47  # NVME_IOCTL_ADMIN_CMD, NVME_IOCTL_ADMIN64_CMD
SIZES = {ADMIN: 72, ADMIN64: 80}


class Namespace:
    """The real block device, erased in place.

    Open only while it erases: a drive erases itself without holding its own device open, and a
    disk that another program has open for writing is refused.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        descriptor = os.open(path, os.O_RDONLY)
        self._size = os.lseek(descriptor, 0, os.SEEK_END)
        os.close(descriptor)

    def erase(self, low: int, high: int, action: int) -> None:
        start, end = self._size * low // 65536, self._size * high // 65536
        descriptor = os.open(self._path, os.O_RDWR | os.O_SYNC)
        while start < end:
            length = min(1 << 20, end - start)
            data = os.urandom(length) if action == ACT_CRYPTO else bytes(length)
            os.pwrite(descriptor, data, start)
            start += length
        os.fsync(descriptor)
        os.close(descriptor)


class Proxy:
    """Answers ioctls on the controller's node."""

    def __init__(self, real: str, sanitizer: Sanitizer) -> None:
        self._real = os.open(real, os.O_RDWR)
        self._sanitizer = sanitizer

    def ioctl(self, request: int, argument: int, data: bytes, room: int) -> Ask | Give:
        """First the command structure is fetched, then its data buffer, then it is done."""
        size = SIZES.get(request)
        if size is None:
            if request >> 8 & 0xFF == ord("N") and not request >> 30:  # reset, rescan, id
                return Give(fcntl.ioctl(self._real, request))
            raise OSError(errno.ENOTTY, "unknown request")
        own = (argument, size)
        if len(data) < size:
            return Ask((own,), ())
        address, length = self._buffer(data)
        outgoing = bool(data[0] & 1)  # opcode bit 0: host to controller
        if length and not outgoing and room < size + length:
            return Ask((own,), (own, (address, length)))
        if length and outgoing and len(data) < size + length:
            return Ask((own, (address, length)), (own,))
        if not length and room < size:
            return Ask((own,), (own,))
        return self._admin(request, bytearray(data[:size]), bytearray(data[size:]), length)

    @staticmethod
    def _buffer(command: bytes) -> tuple[int, int]:
        address: int
        length: int
        (address,) = struct.unpack_from("<Q", command, 24)
        (length,) = struct.unpack_from("<I", command, 36)
        return address, length if address else 0

    def _admin(self, request: int, command: bytearray, sent: bytearray, length: int) -> Give:
        opcode = command[0]
        (cdw10,) = struct.unpack_from("<I", command, 40)
        if opcode == SANITIZE:
            return Give(self._sanitizer.sanitize(cdw10), bytes(command))
        if opcode == GET_LOG and cdw10 & 0xFF == LOG_SANITIZE:
            return Give(0, bytes(command) + self._sanitizer.log().ljust(length, b"\0")[:length])
        held = self._sanitizer.holds_back(opcode)
        if held is not None:
            return Give(held, bytes(command) + bytes(length))
        if opcode == FORMAT and self._sanitizer.kind in ("lies", "instant"):
            return Give(0, bytes(command))
        status, page = self._forward(request, command, sent, length)
        if opcode == IDENTIFY and cdw10 & 0xFF == 1 and status == 0:
            page = self._sanitizer.identify(page)
        back = page if length and not opcode & 1 else b""
        return Give(status, bytes(command) + back)

    def _forward(
        self, request: int, command: bytearray, sent: bytearray, length: int
    ) -> tuple[int, bytes]:
        """Send the command to the real controller with a buffer of our own."""
        buffer = ctypes.create_string_buffer(bytes(sent), max(length, 1))
        copy = bytearray(command)
        struct.pack_into("<Q", copy, 24, ctypes.addressof(buffer) if length else 0)
        status = fcntl.ioctl(self._real, request, copy)
        result_at = 68 if request == ADMIN else 72
        command[result_at:] = copy[result_at:]
        return status, buffer.raw[:length]


def main(name: str, kind: str) -> None:
    subprocess.run(["modprobe", "cuse"], check=True)
    node, real = Path("/dev") / name, Path("/dev") / f"{name}-real"
    namespace = Namespace(f"/dev/{name}n1")
    node.rename(real)
    proxy = Proxy(str(real), Sanitizer(kind, namespace, time.monotonic))
    device = Device(f"{name}-cuse", proxy.ioctl)
    made = Path("/dev") / f"{name}-cuse"
    while not made.exists():
        time.sleep(0.02)
    os.mknod(node, 0o600 | 0o020000, made.stat().st_rdev)
    device.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
