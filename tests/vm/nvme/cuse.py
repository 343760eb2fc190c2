"""A character device in user space: the kernel's CUSE, spoken in plain Python.

Only what an ioctl device needs: INIT, OPEN, IOCTL (unrestricted, with retry), RELEASE.
Protocol: kernel include/uapi/linux/fuse.h, version 7; `fs/fuse/cuse.c`.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass

CUSE_INIT, OPEN, RELEASE, FLUSH, IOCTL, INTERRUPT = 4096, 14, 18, 25, 39, 36
UNRESTRICTED_IOCTL = 1
RETRY = 4
IN_HEADER, OUT_HEADER = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ")
IOCTL_IN, IOCTL_OUT = struct.Struct("<QIIQII"), struct.Struct("<iIII")
IOVEC = struct.Struct("<QQ")
BIGGEST = 1 << 20

Span = tuple[int, int]  # address and length in the calling process


@dataclass(frozen=True)
class Ask:
    """An ioctl needs these spans of its caller's memory before it can be answered."""

    read: tuple[Span, ...]
    write: tuple[Span, ...]


@dataclass(frozen=True)
class Give:
    """An ioctl's result, and the bytes for the spans asked as `write`, joined."""

    result: int
    data: bytes = b""


Handler = Callable[[int, int, bytes, int], Ask | Give]
"""(request, argument, bytes read, room for writing) -> more asked for, or the answer.

Raises `OSError` for what the caller should see as an error number.
"""


class Device:
    """One device node, /dev/NAME, served by `serve`."""

    def __init__(self, name: str, handler: Handler) -> None:
        self._handler = handler
        self._descriptor = os.open("/dev/cuse", os.O_RDWR)
        self._name = name
        self._start()

    def _reply(self, unique: int, body: bytes = b"", error: int = 0) -> None:
        head = OUT_HEADER.pack(OUT_HEADER.size + len(body), -error, unique)
        try:
            os.write(self._descriptor, head + body)
        except OSError as problem:
            if problem.errno != errno.ENOENT:  # the caller was interrupted meanwhile
                raise

    def _start(self) -> None:
        request = os.read(self._descriptor, BIGGEST)
        _, opcode, unique, *_ = IN_HEADER.unpack_from(request)
        if opcode != CUSE_INIT:
            raise RuntimeError(f"CUSE began with {opcode}")
        major, minor = struct.unpack_from("<II", request, IN_HEADER.size)
        numbers = (major, min(minor, 31), 0, UNRESTRICTED_IOCTL, 1 << 17, 1 << 17, 0, 0)
        body = struct.pack("<8I", *numbers) + bytes(40)
        self._reply(unique, body + b"DEVNAME=" + self._name.encode() + b"\0")

    def serve(self) -> None:
        """Answer until the device is closed."""
        while True:
            request = os.read(self._descriptor, BIGGEST)
            _, opcode, unique, *_ = IN_HEADER.unpack_from(request)
            body = request[IN_HEADER.size :]
            if opcode == OPEN:
                self._reply(unique, struct.pack("<QII", 1, 0, 0))
            elif opcode == IOCTL:
                self._ioctl(unique, body)
            elif opcode in (RELEASE, FLUSH):
                self._reply(unique)
            elif opcode != INTERRUPT:
                self._reply(unique, error=errno.ENOSYS)

    def _ioctl(self, unique: int, body: bytes) -> None:
        _, _, request, argument, size, room = IOCTL_IN.unpack_from(body)
        data = body[IOCTL_IN.size : IOCTL_IN.size + size]
        try:
            answer = self._handler(request, argument, data, room)
        except OSError as problem:
            self._reply(unique, error=problem.errno or errno.EIO)
            return
        if isinstance(answer, Give):
            head = IOCTL_OUT.pack(answer.result, 0, 0, 0)
            self._reply(unique, head + answer.data)
            return
        head = IOCTL_OUT.pack(0, RETRY, len(answer.read), len(answer.write))
        spans = b"".join(IOVEC.pack(*span) for span in (*answer.read, *answer.write))
        self._reply(unique, head + spans)
