"""Aligned, uncached reads and writes of a disk or an image file.

O_DIRECT everywhere it exists, so that what is verified comes from the device
and not from memory (nvme-cli#1320: cached files stayed readable after a
"successful" format). Where a filesystem refuses it, the cache is written out
and dropped before reading, and `Handle.direct` says so in the evidence.
Block devices are opened O_EXCL: the kernel refuses while anything holds them.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import stat
import struct

import msgspec

from wipe.model.codes import Code, Reason, because
from wipe.model.spec import Target, TargetKind

# linux/fs.h: _IOR(0x12, 114, size_t), _IO(0x12, 104), _IO(0x12, 97), _IO(0x12, 123)
BLKGETSIZE64 = 0x80081272 if ctypes.sizeof(ctypes.c_size_t) == 8 else 0x80041272
BLKSSZGET = 0x1268
BLKFLSBUF = 0x1261
ALIGN_BYTES = 4096
HUGE_BYTES = 2 << 20

# The device no longer answers at all: the job ends, splitting would only wait.
GONE = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESHUTDOWN, errno.ENOTCONN})
REFUSED = frozenset({errno.EROFS, errno.EPERM, errno.EACCES, errno.EBADF})
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_libc = ctypes.CDLL(None, use_errno=True)
_libc.memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_libc.memcmp.restype = ctypes.c_int


class Buffer:
    """A page-aligned block of memory, as O_DIRECT wants it.

    Large ones ask for a huge page: the kernel pins one page a request and not 512, a fifth of
    the processor time of reading back.
    """

    def __init__(self, size_bytes: int) -> None:
        size_bytes = max(size_bytes, mmap.PAGESIZE)
        huge = size_bytes >= HUGE_BYTES
        memory = _huge(size_bytes) if huge else mmap.mmap(-1, size_bytes)
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        skip = -address % HUGE_BYTES if huge else 0
        self.view = memoryview(memory)[skip : skip + size_bytes]
        self._address = address + skip

    def zero(self, length: int) -> bool:
        """Whether the first `length` bytes are all zero: the first is, and each equals the next."""
        if not length:
            return True
        after = int(_libc.memcmp(self._address, self._address + 1, length - 1))
        return self.view[0] == 0 and after == 0

    def same(self, other: Buffer, length: int) -> bool:
        """Whether the first `length` bytes equal those of `other`.

        memcmp lets go of the interpreter lock and reads at 18 GB/s here; comparing
        memoryviews reaches 0.6 (erasure.md, section 3).
        """
        return int(_libc.memcmp(self._address, other._address, length)) == 0


def _huge(size_bytes: int) -> mmap.mmap:
    """Memory that holds `size_bytes` from a multiple of `HUGE_BYTES` on."""
    memory = mmap.mmap(
        -1, size_bytes + HUGE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    )  # shared memory gets no huge pages
    # A fork would make private pages copy-on-write, and a read under way end in the copy.
    memory.madvise(mmap.MADV_DONTFORK)
    try:
        memory.madvise(mmap.MADV_HUGEPAGE)
    except OSError:
        pass  # a kernel built without them: only slower
    return memory


class Handle(msgspec.Struct):
    """An opened target. `plain` serves what O_DIRECT cannot: the odd end of an image file."""

    descriptor: int
    plain: int
    size_bytes: int
    sector_bytes: int
    direct: bool
    block: bool
    rdev: int

    def write(self, view: memoryview, offset: int) -> None:
        """Write all of `view`. Raises `OSError`; a short write that cannot go on is EIO."""
        while view:
            descriptor, length = self._for(offset, len(view))
            written = os.pwrite(descriptor, view[:length], offset)
            if written <= 0:
                raise OSError(errno.EIO, "nothing written")
            view, offset = view[written:], offset + written

    def read(self, view: memoryview, offset: int) -> None:
        """Fill `view`. Raises `OSError`; the end of the device reached too early is EIO."""
        while view:
            descriptor, length = self._for(offset, len(view))
            if descriptor == self.plain:
                os.posix_fadvise(self.plain, offset, length, os.POSIX_FADV_DONTNEED)
            got = os.preadv(descriptor, [view[:length]], offset)
            if got <= 0:
                raise OSError(errno.EIO, "end reached too early")
            view, offset = view[got:], offset + got

    def _for(self, offset: int, length: int) -> tuple[int, int]:
        """Which descriptor, and how much of `length` it can take: O_DIRECT wants whole sectors."""
        whole = length - length % self.sector_bytes
        if offset % self.sector_bytes or not whole:
            return self.plain, length
        return self.descriptor, whole

    def flush(self) -> None:
        """Everything written reaches the medium. Raises `OSError`."""
        os.fdatasync(self.descriptor)
        if self.plain != self.descriptor:
            os.fdatasync(self.plain)

    def drop_cache(self) -> None:
        """Forget what memory holds of the target, so that reads go to it."""
        self.flush()
        if self.block:
            try:
                fcntl.ioctl(self.descriptor, BLKFLSBUF, 0)
            except OSError:
                pass  # needs CAP_SYS_ADMIN; O_DIRECT does not depend on it
        os.posix_fadvise(self.plain, 0, 0, os.POSIX_FADV_DONTNEED)

    def present(self) -> bool:
        """Whether the device still answers with its size; an unplugged disk says 0 or errs."""
        try:
            return _size(self.descriptor, self.block) == self.size_bytes
        except OSError:
            return False

    def answers(self) -> bool:
        """Whether the first or the last sector can be read: a drive that went off reads neither."""
        buffer = Buffer(self.sector_bytes)
        last = max(self.size_bytes - 1, 0) // self.sector_bytes * self.sector_bytes
        for offset in (0, last):
            try:
                self.read(buffer.view[: min(self.sector_bytes, self.size_bytes - offset)], offset)
            except OSError:
                continue
            return True
        return False

    def close(self) -> None:
        """Close both descriptors; a second call must not close what got their numbers since."""
        held, self.descriptor, self.plain = {self.descriptor, self.plain} - {-1}, -1, -1
        for descriptor in held:
            try:
                os.close(descriptor)
            except OSError:
                pass


def open_target(target: Target, *, write: bool = True, shared: bool = False) -> Handle | Reason:
    """Open a disk or an image file, uncached where possible.

    A disk exclusively, but for the stick we run from (`shared`), of which a part is mounted.
    """
    block = target.kind is TargetKind.BLOCK
    flags = (os.O_RDWR if write else os.O_RDONLY) | os.O_CLOEXEC | os.O_NOFOLLOW
    exclusive = os.O_EXCL if block and not shared else 0
    try:
        plain = os.open(target.path, flags | exclusive)
    except OSError as error:
        return _refusal(error, target.path)
    try:
        return _complete(plain, target, block, flags)
    except OSError as error:
        os.close(plain)
        return _refusal(error, target.path)


def _complete(plain: int, target: Target, block: bool, flags: int) -> Handle | Reason:
    """Check what was opened, lock an image file, and open it again uncached."""
    found = os.fstat(plain)
    if stat.S_ISBLK(found.st_mode) != block or (not block and not stat.S_ISREG(found.st_mode)):
        os.close(plain)
        return because(Code.NOT_A_DISK, path=target.path)
    if not block:
        fcntl.flock(plain, fcntl.LOCK_EX | fcntl.LOCK_NB)
    sector = _sector(plain) if block else ALIGN_BYTES
    direct = plain
    try:
        # Through /proc/self/fd it is this inode, whatever the name leads to by now. The
        # second open must not be O_EXCL: the first already holds the disk.
        direct = os.open(f"/proc/self/fd/{plain}", (flags & ~os.O_NOFOLLOW) | os.O_DIRECT)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOENT):
            raise
    return Handle(
        descriptor=direct,
        plain=plain,
        size_bytes=_size(plain, block),
        sector_bytes=sector,
        direct=direct != plain,
        block=block,
        rdev=found.st_rdev,
    )


def _size(descriptor: int, block: bool) -> int:
    if not block:
        return os.fstat(descriptor).st_size
    packed = fcntl.ioctl(descriptor, BLKGETSIZE64, bytes(8))
    return int(struct.unpack("Q", packed)[0])


def _sector(descriptor: int) -> int:
    packed = fcntl.ioctl(descriptor, BLKSSZGET, bytes(4))
    return int(struct.unpack("i", packed)[0])


def _refusal(error: OSError, path: str) -> Reason:
    number = error.errno or 0
    if number in (errno.EBUSY, errno.EAGAIN):
        return because(Code.BUSY, path=path)
    if number in (errno.EACCES, errno.EPERM):
        return because(Code.DENIED, path=path)
    if number == errno.EROFS:
        return because(Code.READ_ONLY)
    if number == errno.ELOOP:
        return because(Code.IMAGE_SYMLINK)
    if number == errno.ENOENT:
        return because(Code.NOT_FOUND, path=path)
    return because(Code.DISK_GONE, path=path, error=errno.errorcode.get(number, str(number)))
