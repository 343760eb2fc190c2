"""What a job was asked: the target, the plan, the options. Kept in `spec.json`.

A job folder is `JOBS/<job-id>/` with `spec.json` (written once, never changed),
`journal.jsonl` (what happened), `progress` (where it is, for screens and for a
kill; not durable), `log.txt` (standard error of the process).
"""

from __future__ import annotations

import enum
import hashlib
from pathlib import Path

import msgspec

from diagnostics import durable
from diagnostics.identity import Doubt
from diagnostics.model import DiskKind
from wipe.model.codes import Code

VERSION = 1
SPEC_FILE = "spec.json"
JOURNAL_FILE = "journal.jsonl"
PROGRESS_FILE = "progress"
LOG_FILE = "log.txt"
LOCKS_FOLDER = ".locks"
MAX_SPEC_BYTES = 1 << 20


class Claim(enum.StrEnum):
    """What may be said of the disk. The order of weight is in `claim.py`."""

    PURGE = "purge"
    CLEAR = "clear"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NONE = "none"


class TargetKind(enum.StrEnum):
    BLOCK = "block"
    IMAGE = "image"


class Verify(enum.StrEnum):
    FULL = "full"
    SAMPLE = "sample"


class Method(enum.StrEnum):
    """Which file of `wipe/methods` does it, and with what command."""

    OVERWRITE = "overwrite"
    ATA_SANITIZE_CRYPTO = "ata_sanitize_crypto"
    ATA_SANITIZE_BLOCK = "ata_sanitize_block"
    ATA_SANITIZE_OVERWRITE = "ata_sanitize_overwrite"
    ATA_SECURITY_ENHANCED = "ata_security_enhanced"
    ATA_SECURITY = "ata_security"
    NVME_SANITIZE_CRYPTO = "nvme_sanitize_crypto"
    NVME_SANITIZE_BLOCK = "nvme_sanitize_block"
    NVME_SANITIZE_OVERWRITE = "nvme_sanitize_overwrite"
    NVME_FORMAT_CRYPTO = "nvme_format_crypto"
    NVME_FORMAT_USER = "nvme_format_user"
    SCSI_SANITIZE_CRYPTO = "scsi_sanitize_crypto"
    SCSI_SANITIZE_BLOCK = "scsi_sanitize_block"
    SCSI_SANITIZE_OVERWRITE = "scsi_sanitize_overwrite"
    SCSI_FORMAT = "scsi_format"
    MMC_SANITIZE = "mmc_sanitize"
    MMC_SECURE_DISCARD = "mmc_secure_discard"
    OPAL_PSID = "opal_psid"


class PassKind(enum.StrEnum):
    RANDOM = "random"
    PATTERN = "pattern"


class Pass(msgspec.Struct, frozen=True):
    """One sweep over the disk; `byte` is what a pattern pass writes everywhere."""

    kind: PassKind
    byte: int = 0


class Technique(msgspec.Struct, frozen=True):
    """One way to erase, in the standard's words, with the claim it can reach at most."""

    name: str
    method: Method
    claim: Claim
    why: Code
    passes: tuple[Pass, ...] = ()
    standard: str | None = None


class Seen(msgspec.Struct, frozen=True):
    """How the kernel knew the target when it was planned: what a swap would change."""

    serial: str | None = None  # as sysfs gives it, which may differ from smartctl's spelling
    wwn: str | None = None
    diskseq: int | None = None  # grows with each attachment; means nothing after a reboot
    boot_id: str | None = None
    inode: str | None = None  # "device:inode" of an image file
    port: str | None = None  # where it was plugged; older jobs do not say
    model: str | None = None  # as the kernel cuts it


class Target(msgspec.Struct, frozen=True):
    """One disk or one image file, as planned."""

    path: str
    kind: TargetKind
    size_bytes: int
    logical_sector_bytes: int = 512
    physical_sector_bytes: int = 512
    model: str | None = None
    serial: str | None = None
    wwn: str | None = None
    disk_kind: DiskKind = DiskKind.UNKNOWN
    transport: str | None = None
    rotational: bool | None = None
    usb_bridge: str | None = None
    zoned: str | None = None
    seen: Seen = Seen()
    doubt: Doubt | None = None  # why serial and WWN are not the disk's own


class Options(msgspec.Struct, frozen=True):
    """What may be tuned; the defaults are for a workshop's bench."""

    floor_bytes_s: int = 1_000_000  # under this for `slow_window_s` the drive is dying
    slow_window_s: int = 180
    stuck_s: int = 300  # not one request answered: beyond the kernel's own retries
    pause_temperature_c: int | None = None  # None: by kind of drive
    cool_down_s: int = 3600
    max_bad_ranges: int = 4096
    sample_count: int = 2000
    suspend_if_frozen: bool = False
    temperature_every_s: int = 30
    psid: str | None = None  # printed on the label of a self-encrypting drive


class JobSpec(msgspec.Struct, frozen=True):
    """All a job needs to run; what was decided, never what happened."""

    id: str
    created_at: str  # RFC 3339 UTC
    target: Target
    plan: tuple[Technique, ...]
    verify: Verify = Verify.FULL
    operator: str | None = None
    options: Options = Options()
    tool_version: str | None = None
    version: int = VERSION
    bound_to: str | None = None  # the caller's own mark on the job; older jobs bear none


_DECODER = msgspec.json.Decoder(JobSpec)


def write_spec(job: Path, spec: JobSpec) -> None:
    """Write `spec.json` so that it is whole or absent after a power cut. Raises `OSError`."""
    data = msgspec.json.format(msgspec.json.encode(spec), indent=1)
    durable.write_whole(job / SPEC_FILE, data, as_folder=True)


def read_spec(job: Path) -> JobSpec | None:
    """The spec of a job folder; `None` when it is missing, torn, absurd or of another version."""
    try:
        with (job / SPEC_FILE).open("rb") as file:
            data = file.read(MAX_SPEC_BYTES)
        spec = _DECODER.decode(data)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    # A folder that was copied or renamed is not the job that ran: its case may be another.
    ours = spec.version == VERSION and spec.id == job.name
    return spec if ours and _sound(spec) else None


def _sound(spec: JobSpec) -> bool:
    """Values the rest may divide by, wait for and write, whoever edited the file."""
    target, options = spec.target, spec.options
    units = (target.logical_sector_bytes, target.physical_sector_bytes)
    waits = (options.stuck_s, options.slow_window_s, options.temperature_every_s)
    return (
        0 < target.size_bytes < 1 << 63
        and all(0 < unit <= 1 << 20 for unit in units)
        and all(0 < wait < 1 << 31 for wait in waits)
        and 0 < options.sample_count <= 1 << 20
        and all(0 <= written.byte <= 255 for technique in spec.plan for written in technique.passes)
        and "\0" not in target.path
    )


def job_folders(jobs: Path) -> list[Path]:
    """The folders of jobs, oldest first; what begins with a dot is no job. Raises `OSError`."""
    return sorted(path for path in jobs.iterdir() if path.is_dir() and path.name[:1] != ".")


def spec_sha256(job: Path) -> str | None:
    """What the first session journals: the plan and the disk's name are in no other line."""
    try:
        with (job / SPEC_FILE).open("rb") as file:
            return hashlib.sha256(file.read(MAX_SPEC_BYTES)).hexdigest()
    except OSError:
        return None
