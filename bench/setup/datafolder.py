"""Where everything this bench remembers lies.

`--data DIR`, else `$ETABLI_DATA`, else the stick's own data partition, else the
user's data folder. Looking costs nothing and writes nothing; the folder is made
when something must be kept.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.errors.failure import Exit, Failure
from bench.setup import services
from diagnostics import durable

# The live image mounts the data partition of the stick it booted from here
# (by PARTUUID, never by label: a donor's disk may carry any label).
STICK = Path("/run/etabli/data")


class DataFolder:
    """One folder: `etabli.db`, `jobs/`, `documents/`, `labels/`, `keys/`, `backups/`,
    `bags/`, `quarantine/`."""

    def __init__(self, path: Path, origin: str, jobs: Path | None = None) -> None:
        """`jobs`: where erasures are kept, if not here (see `bench.setup.services`)."""
        self.path = path
        self.jobs = jobs or path / "jobs"
        self.origin = origin  # option, environment, stick, user
        self.open_to_others = ""  # why it could not be made private: `owner`, `mode`; once made

    @property
    def database(self) -> Path:
        return self.path / "etabli.db"

    @property
    def founded(self) -> bool:
        """Whether there is a record, in this file or in a database that the folder names."""
        from bench.records.postgres.addresses import is_there

        return is_there(self.database)

    @property
    def documents(self) -> Path:
        return self.path / "documents"

    @property
    def labels(self) -> Path:
        return self.path / "labels"

    @property
    def visit(self) -> Path:
        """The visit under way, so that screens find it again after a crash."""
        return self.path / "visit.json"

    def make(self) -> Path:
        """Make sure the folder is there and can be written. Raises `Failure`."""
        try:
            durable.folder(self.path)
            self.open_to_others = durable.make_private(self.path)
        except OSError as error:
            raise Failure(
                "data_folder", Exit.MACHINE, path=self.path, why=error.strerror
            ) from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise Failure("data_read_only", Exit.MACHINE, path=self.path)
        return self.path

    def free_bytes(self) -> int | None:
        """Free space where the folder is or would be; `None` when not known."""
        for place in (self.path, *self.path.parents):
            if place.exists():
                try:
                    return shutil.disk_usage(place).free
                except OSError:
                    return None
        return None


def locate(option: str | None) -> DataFolder:
    """Choose the folder; touches nothing."""
    jobs = services.jobs()
    if option:
        return DataFolder(Path(option).expanduser().absolute(), "option", jobs)
    if from_environment := os.environ.get("ETABLI_DATA"):
        return DataFolder(Path(from_environment).expanduser().absolute(), "environment", jobs)
    if STICK.is_dir() and any(os.access(place, os.W_OK) for place in (STICK, STICK / "etabli")):
        return DataFolder(STICK / "etabli", "stick", jobs)
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return DataFolder(Path(home).expanduser().absolute() / "etabli", "user", jobs)
