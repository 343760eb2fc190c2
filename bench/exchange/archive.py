"""A zip nothing can be hidden in: one layout, and a signed seal over every byte.

The seal is the zip's own comment, the last bytes of the file: SHA-256 of all bytes
before it, the signer's key, the signature. Headers, dates, flags, the central
directory: whatever is changed is found, by whichever tool it was changed. A signer we
do not know can seal anything, so what is inside is checked as if it were hostile.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bench.records.errors import RecordsError
from bench.records.signed.keys import key_id
from bench.records.signed.sealed import signature_holds

MAGIC = b"etabli-bag 1 "
_SEAL = re.compile(rb"etabli-bag 1 ([0-9a-f]{64}) ([0-9a-f]{64}) ([0-9a-f]{128})\n")
SEAL_BYTES = len(MAGIC) + 64 + 1 + 64 + 1 + 128 + 1
_END = struct.Struct("<4s4H2LH")  # end of central directory, APPNOTE 4.3.16
_LOCAL = struct.Struct("<4s5H3L2H")  # local file header, APPNOTE 4.3.7
_CHUNK = 1 << 20
_MAX_ENTRY_BYTES = 46 + 65 + 5 + 12 + 64  # header, folder, data/, attachments/, hash

MAX_FILE_BYTES = 2**31 - 1  # no zip64: a year of the whole network is under 500 MB
MAX_MEMBERS = 60_000
MAX_MEMBER_BYTES = 2**31 - 1
MAX_TOTAL_BYTES = 2**32 - 1
# Our events compress 5 to 30 times; a bomb a thousand times (deflate's limit is 1032).
MAX_RATIO = 200
RATIO_FLOOR_BYTES = 1 << 20
# All together: many small members, each below that floor, make a bomb as well.
MAX_TOTAL_RATIO = 60
TOTAL_FLOOR_BYTES = 64 << 20
_FOLDER = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}/"
_MEMBER = re.compile(
    _FOLDER + r"(bagit\.txt|bag-info\.txt|manifest-sha256\.txt|tagmanifest-sha256\.txt"
    r"|data/(events\.jsonl|statement\.json|datapackage\.json"
    r"|tables/[a-z][a-z0-9_]{0,39}\.(csv|xlsx)|attachments/[0-9a-f]{64}))"
)
# What a damaged or hostile zip makes the standard library raise.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


def shown_name(path: Path) -> str:
    """A file's name as a person may see it: a stick can hold names that move the cursor,
    turn the writing round, or are no UTF-8.
    """
    return "".join(c if c.isprintable() else "\ufffd" for c in path.name)[:200]


def digest(file: BinaryIO, size: int) -> str:
    """SHA-256 (hex) of the first `size` bytes of a file."""
    file.seek(0)
    found = hashlib.sha256()
    while size > 0 and (part := file.read(min(_CHUNK, size))):
        found.update(part)
        size -= len(part)
    return found.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a whole file: how a bag is named in receipts."""
    with open_file(path) as file:
        return digest(file, MAX_FILE_BYTES)


class Archive:
    """A sealed archive whose seal and layout hold; members are read by relative name."""

    def __init__(self, path: Path) -> None:
        """Open and check. Raises `RecordsError`: `bag_missing`, `bag_io`, `bag_too_big`,
        `bag_not_sealed`, `bag_altered`, `bag_seal_wrong`, `bag_layout`, `bag_member`,
        `bag_bomb`, `bag_unreadable`.
        """
        self._file = open_file(path)
        try:
            self.size, self.signer, self.sha256 = check_seal(self._file)
            _check_end(self._file, self.size)
            self._zip = zipfile.ZipFile(self._file)
            self.folder, self.sizes = _check_members(self._zip, self.size)
            _check_tiling(self._file, self._zip)
        except _ZIP_ERRORS as error:
            self._file.close()
            raise RecordsError("bag_unreadable", detail=error) from error
        except OSError as error:
            self._file.close()
            raise RecordsError("bag_io", path=shown_name(path), detail=str(error)) from error
        except RecordsError:
            self._file.close()
            raise

    @property
    def signer_id(self) -> str:
        """The bench that sealed it."""
        return key_id(self.signer)

    def close(self) -> None:
        """Release the file."""
        self._zip.close()
        self._file.close()

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a member, never more than it declared. Raises `RecordsError`."""
        try:
            with self._zip.open(self.folder + name) as handle:
                while part := handle.read(_CHUNK):
                    yield part
        except _ZIP_ERRORS as error:
            raise RecordsError("bag_unreadable", detail=error) from error
        except KeyError:
            raise RecordsError("bag_member_missing", name=name) from None
        except OSError as error:
            raise RecordsError("bag_io", path=name, detail=str(error)) from error

    def read(self, name: str, limit: int) -> bytes:
        """A whole small member. Raises `RecordsError` (`bag_member` above the limit)."""
        if self.sizes.get(name, 0) > limit:
            raise RecordsError("bag_member", name=name)
        return b"".join(self.chunks(name))


def open_file(path: Path) -> BinaryIO:
    """A regular file to read, links not followed: a stick's link could name /dev/zero."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise RecordsError("bag_missing", path=shown_name(path)) from None
    except OSError as error:
        raise RecordsError("bag_io", path=shown_name(path), detail=str(error.strerror)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RecordsError("bag_io", path=shown_name(path), detail="not a file")
    return os.fdopen(descriptor, "rb")


def check_seal(file: BinaryIO) -> tuple[int, bytes, str]:
    """Size, signer's public key and SHA-256 of the sealed bytes."""
    size = file.seek(0, os.SEEK_END)
    if size > MAX_FILE_BYTES:
        raise RecordsError("bag_too_big", limit=MAX_FILE_BYTES)
    if size < SEAL_BYTES + _END.size:
        raise RecordsError("bag_not_sealed")
    file.seek(size - SEAL_BYTES)
    seal = _SEAL.fullmatch(file.read(SEAL_BYTES))
    if not seal:
        raise RecordsError("bag_not_sealed")
    sealed, public, signature = seal[1], bytes.fromhex(seal[2].decode()), seal[3].decode()
    if not signature_holds(public, "bag", sealed, bytes.fromhex(signature)):
        raise RecordsError("bag_seal_wrong")
    if digest(file, size - SEAL_BYTES) != sealed.decode():
        raise RecordsError("bag_altered")
    return size, public, sealed.decode()


def _check_end(file: BinaryIO, size: int) -> None:
    at = size - SEAL_BYTES - _END.size
    file.seek(at)
    mark, disk, start, here, entries, length, offset, comment = _END.unpack(file.read(_END.size))
    plain = mark == b"PK\5\6" and disk == start == 0 and here == entries
    if not plain or comment != SEAL_BYTES or offset + length != at:
        raise RecordsError("bag_layout", detail="end of central directory")
    # The library reads the whole directory at once: 46 bytes an entry, and a name.
    if not 0 < entries <= MAX_MEMBERS or length > entries * _MAX_ENTRY_BYTES:
        raise RecordsError("bag_layout", detail="too many members")


def _check_members(archive: zipfile.ZipFile, size: int) -> tuple[str, dict[str, int]]:
    sizes: dict[str, int] = {}
    folder = archive.infolist()[0].filename.partition("/")[0] + "/"
    for info in archive.infolist():
        name = info.filename
        if not name.startswith(folder) or not _MEMBER.fullmatch(name):
            raise RecordsError("bag_member", name=ascii(name[:100]))
        if name.removeprefix(folder) in sizes:
            raise RecordsError("bag_member_twice", name=name)
        _check_info(info)
        sizes[name.removeprefix(folder)] = info.file_size
    most = min(MAX_TOTAL_BYTES, max(TOTAL_FLOOR_BYTES, MAX_TOTAL_RATIO * size))
    if sum(sizes.values()) > most:
        raise RecordsError("bag_bomb", name=folder)
    return folder, sizes


def _check_info(info: zipfile.ZipInfo) -> None:
    kinds = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    odd = (
        info.compress_type not in kinds
        or info.flag_bits & ~0x806  # UTF-8 name and deflate level only: not encrypted
        or info.extra
        or info.comment
        or info.volume
        or info.external_attr != 0o100644 << 16  # a link or a device has other bits
        or info.orig_filename != info.filename
    )
    if odd:
        raise RecordsError("bag_member", name=info.filename)
    most = max(RATIO_FLOOR_BYTES, MAX_RATIO * info.compress_size)
    if info.file_size > min(MAX_MEMBER_BYTES, most):
        raise RecordsError("bag_bomb", name=info.filename)


def _check_tiling(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """Members lie end to end from the first byte, each header agreeing with the directory."""
    at = 0
    for info in archive.infolist():
        if info.header_offset != at:
            raise RecordsError("bag_layout", detail=info.filename)
        file.seek(at)
        mark, _, flags, how, _, _, crc, packed, size, name_size, extra = _LOCAL.unpack(
            file.read(_LOCAL.size)
        )
        same = (flags, how, crc, packed, size, extra) == (
            info.flag_bits,
            info.compress_type,
            info.CRC,
            info.compress_size,
            info.file_size,
            0,
        )
        if mark != b"PK\3\4" or not same or file.read(name_size) != info.filename.encode():
            raise RecordsError("bag_layout", detail=info.filename)
        at += _LOCAL.size + name_size + info.compress_size
    if at != archive.start_dir:
        raise RecordsError("bag_layout", detail="gap before the directory")
