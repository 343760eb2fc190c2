"""Takes pictures from a camera: Video4Linux 2, memory-mapped, a few ioctls.

Own code because the alternatives are OpenCV (60 MB on the stick) or a process for each
frame. Layouts: linux/videodev2.h, for 64-bit kernels.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import select
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

FOLDER = "/dev"
_CAPTURE, _MMAP = 1, 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP
_CAP_CAPTURE, _CAP_STREAMING, _CAP_DEVICE = 0x1, 0x04000000, 0x80000000
_CAPABILITY = struct.Struct("=16s32s32s6I")
_DESCRIPTION = struct.Struct("=III32s5I")
_FORMAT = struct.Struct("=I4x8I168x")
_REQUEST = struct.Struct("=5I")
_BUFFER = struct.Struct("=5I4xqq16sIIQIII4x")
_INT = struct.Struct("=i")
_ERROR_FLAG = 0x40  # V4L2_BUF_FLAG_ERROR: the frame is damaged
BUFFERS = 4


def _io(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("V") << 8 | number


_QUERYCAP = _io(2, 0, _CAPABILITY.size)
_ENUM_FMT = _io(3, 2, _DESCRIPTION.size)
_S_FMT = _io(3, 5, _FORMAT.size)
_REQBUFS = _io(3, 8, _REQUEST.size)
_QUERYBUF = _io(3, 9, _BUFFER.size)
_QBUF = _io(3, 15, _BUFFER.size)
_DQBUF = _io(3, 17, _BUFFER.size)
_STREAMON = _io(1, 18, _INT.size)
_STREAMOFF = _io(1, 19, _INT.size)


class Format(msgspec.Struct, frozen=True):
    """What the camera agreed to: a four-letter code and the size in pixels."""

    code: str
    width_px: int
    height_px: int


def nodes() -> tuple[str, ...]:
    """All video nodes; a camera has several, not all give pictures."""
    try:
        names = [entry.name for entry in Path(FOLDER).iterdir()]
    except OSError:
        return ()
    numbers = sorted(int(n[5:]) for n in names if n.startswith("video") and n[5:].isdigit())
    return tuple(f"{FOLDER}/video{number}" for number in numbers)


def formats(path: str) -> tuple[str, ...]:
    """Pixel formats of a capture node; empty for what gives no pictures. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not _captures(descriptor):
            return ()
        found: list[str] = []
        while len(found) < 64:
            asked = bytearray(_DESCRIPTION.pack(len(found), _CAPTURE, 0, b"", 0, 0, 0, 0, 0))
            try:
                fcntl.ioctl(descriptor, _ENUM_FMT, asked)
            except OSError:  # EINVAL: that was the last one
                break
            found.append(_letters(_DESCRIPTION.unpack(asked)[4]))
        return tuple(found)
    finally:
        os.close(descriptor)


def _captures(descriptor: int) -> bool:
    answer = bytearray(_CAPABILITY.size)
    fcntl.ioctl(descriptor, _QUERYCAP, answer)
    *_, whole, node, _, _, _ = _CAPABILITY.unpack(answer)
    can = node if whole & _CAP_DEVICE else whole
    return bool(can & _CAP_CAPTURE and can & _CAP_STREAMING)


def _letters(code: int) -> str:
    return code.to_bytes(4, "little").decode("ascii", "replace")


def capture(
    path: str, code: str, *, frames: int, skip: int, patience_s: float = 5.0
) -> tuple[Format, tuple[bytes, ...]]:
    """`frames` pictures after `skip` (automatic exposure takes some). May give fewer.

    Raises `OSError` when the camera refuses.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        agreed = _agree(descriptor, code)
        taken: list[bytes] = []
        with _streaming(descriptor) as buffers:
            for number in range(skip + frames):
                ready, _, _ = select.select([descriptor], [], [], patience_s)
                if not ready:
                    break
                frame = _take(descriptor, buffers)
                if frame is not None and number >= skip:
                    taken.append(frame)
        return agreed, tuple(taken)
    finally:
        os.close(descriptor)


def _agree(descriptor: int, code: str) -> Format:
    wanted = int.from_bytes(code.encode("ascii"), "little")
    asked = bytearray(_FORMAT.pack(_CAPTURE, 640, 480, wanted, 1, 0, 0, 0, 0))
    fcntl.ioctl(descriptor, _S_FMT, asked)
    _, width, height, given, *_ = _FORMAT.unpack(asked)
    return Format(_letters(given), width, height)


def _buffer(index: int) -> bytearray:
    return bytearray(_BUFFER.pack(index, _CAPTURE, 0, 0, 0, 0, 0, b"", 0, _MMAP, 0, 0, 0, 0))


@contextmanager
def _streaming(descriptor: int) -> Iterator[list[mmap.mmap]]:
    request = bytearray(_REQUEST.pack(BUFFERS, _CAPTURE, _MMAP, 0, 0))
    fcntl.ioctl(descriptor, _REQBUFS, request)
    mapped: list[mmap.mmap] = []
    try:
        for index in range(_REQUEST.unpack(request)[0]):
            described = _buffer(index)
            fcntl.ioctl(descriptor, _QUERYBUF, described)
            fields = _BUFFER.unpack(described)
            offset, length = fields[10], fields[11]
            mapped.append(mmap.mmap(descriptor, length, offset=offset & 0xFFFFFFFF))
            fcntl.ioctl(descriptor, _QBUF, described)
        fcntl.ioctl(descriptor, _STREAMON, _INT.pack(_CAPTURE))
        yield mapped
        fcntl.ioctl(descriptor, _STREAMOFF, _INT.pack(_CAPTURE))
    finally:
        for buffer in mapped:
            buffer.close()


def _take(descriptor: int, buffers: list[mmap.mmap]) -> bytes | None:
    """One picture, its buffer handed back; `None` for a damaged one."""
    taken = _buffer(0)
    try:
        fcntl.ioctl(descriptor, _DQBUF, taken)
    except BlockingIOError:
        return None
    index, _, used, flags, *_ = _BUFFER.unpack(taken)
    frame = None if flags & _ERROR_FLAG or not used else buffers[index][:used]
    fcntl.ioctl(descriptor, _QBUF, _buffer(index))
    return frame
