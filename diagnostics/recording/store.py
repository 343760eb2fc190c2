"""A recording on disk: a folder or a zip, read into memory and never unpacked.

Recordings come from strangers by mail. A zip is read entry by entry under limits, so a
bomb costs at most `MAX_TOTAL_BYTES` of memory, and no name in it ever becomes a path.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from diagnostics import durable

Store = dict[str, bytes]
MAX_ENTRIES = 20_000  # a server with 40 disks recorded 6,000 files
MAX_ENTRY_BYTES = 8 << 20
MAX_TOTAL_BYTES = 64 << 20
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the same recording gives the same zip


def check_name(name: str) -> None:
    """Refuse a name that could lead out of the recording. Raises `CaptureError("hostile")`."""
    parts = name.split("/")
    bad = (
        not name
        or name.startswith("/")
        or "\\" in name
        or "\x00" in name
        or any(part in ("", ".", "..") for part in parts)
        or (len(name) > 1 and name[1] == ":")
        or len(name) > 1000
    )
    if bad:
        raise CaptureError("hostile", file=name[:80], why="path")


def load(source: Path) -> Store:
    """All files of a recording by name. Raises `CaptureError`."""
    try:
        if source.is_dir():
            return _load_folder(source)
        if source.is_file():
            return _load_zip(source)
    except OSError as error:
        raise CaptureError("io", path=str(source), why=error.strerror or "error") from error
    raise CaptureError("missing", path=str(source))


class _Budget:
    """Counts entries and bytes while they are read, not as they are declared."""

    def __init__(self) -> None:
        self.entries = 0
        self.total = 0

    def entry(self) -> None:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise CaptureError("too_big", why="entries", limit=MAX_ENTRIES)

    def data(self, name: str, data: bytes) -> bytes:
        self.total += len(data)
        if len(data) > MAX_ENTRY_BYTES:
            raise CaptureError("too_big", file=name[:80], limit=MAX_ENTRY_BYTES)
        if self.total > MAX_TOTAL_BYTES:
            raise CaptureError("too_big", why="total", limit=MAX_TOTAL_BYTES)
        return data


def _load_folder(folder: Path) -> Store:
    files: Store = {}
    budget = _Budget()
    for base, folders, names in os.walk(folder, followlinks=False):
        for name in (*folders, *names):
            path = Path(base, name)
            if path.is_symlink():
                raise CaptureError("hostile", file=path.name, why="symlink")
        for name in names:
            path = Path(base, name)
            budget.entry()
            if not stat.S_ISREG(path.lstat().st_mode):
                raise CaptureError("hostile", file=name, why="not a file")
            with path.open("rb") as file:
                relative = path.relative_to(folder).as_posix()
                files[relative] = budget.data(relative, file.read(MAX_ENTRY_BYTES + 1))
    return files


def _load_zip(source: Path) -> Store:
    files: Store = {}
    budget = _Budget()
    try:
        with zipfile.ZipFile(source) as archive:
            for entry in archive.infolist():
                budget.entry()
                if entry.is_dir():
                    continue
                check_name(entry.filename)
                if stat.S_ISLNK(entry.external_attr >> 16) or entry.flag_bits & 1:
                    raise CaptureError("hostile", file=entry.filename[:80], why="symlink or locked")
                if entry.filename in files:
                    raise CaptureError("hostile", file=entry.filename[:80], why="twice")
                with archive.open(entry) as file:
                    data = file.read(MAX_ENTRY_BYTES + 1)
                files[entry.filename] = budget.data(entry.filename, data)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        IndexError,
        UnicodeError,
        OverflowError,
    ) as error:
        raise CaptureError("corrupt", file=source.name, why=str(error)[:120]) from error
    return files


def store(files: Mapping[str, bytes], target: Path) -> None:
    """Write a recording. Raises `CaptureError` (exists, io, hostile)."""
    for name in files:
        check_name(name)
    try:
        if target.suffix == ".zip":
            _store_zip(files, target)
        else:
            _store_folder(files, target)
    except OSError as error:
        raise CaptureError("io", path=str(target), why=error.strerror or "error") from error


def _store_folder(files: Mapping[str, bytes], target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CaptureError("exists", path=str(target))
    for name, data in files.items():
        path = target / name
        durable.write_whole(path, data, make_folder=True, as_folder=True)


def _store_zip(files: Mapping[str, bytes], target: Path) -> None:
    if target.exists():
        raise CaptureError("exists", path=str(target))
    part = target.with_name(f".{target.name}.part")
    made = os.fdopen(durable.new_file(part, make_folder=True, as_folder=True), "w+b")
    with made, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), files[name], zipfile.ZIP_DEFLATED)
    durable.move(part, target)


class CaptureError(Exception):
    """A recording that cannot be read or written.

    `code` is missing, exists, io, corrupt, hostile, too_big or format; `values` fill the sentence.
    """

    def __init__(self, code: str, **values: object) -> None:
        details = ", ".join(f"{name}={value}" for name, value in values.items())
        super().__init__(f"{code}: {details}" if details else code)
        self.code = code
        self.values = values
