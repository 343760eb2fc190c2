"""Whether this bench ordered an erasure: who can write into `jobs/` must be able to prove nothing.

The order (spec and case file) is sealed by the bench's key when it is written, and the record,
which is sealed too, knows a job from before it began. A job folder that neither vouches for claims
nothing, and neither does one in a folder that others may write in: they could exchange its files.
Root on this machine can do anything; this is about everybody else.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench.records.errors import RecordsError
from bench.records.signed import keys, sealed
from bench.records.signed.keys import Key
from diagnostics import durable
from wipe.journal.state import JobState
from wipe.model.codes import Code, because
from wipe.model.spec import Claim, spec_sha256

SEAL_FILE = "order.json"
_KIND = "job"


def seal(job: Path, bound_to: str, data: Path) -> None:
    """Seal the order of a job just made, where this bench has a key yet. Raises `OSError`."""
    try:
        key = keys.load(data / "keys" / "bench.key")
    except RecordsError:
        return  # the first command founds the record: it knows this job before it begins
    order = {"job": job.name, "spec": spec_sha256(job) or "", "bound_to": bound_to}
    durable.write_whole(job / SEAL_FILE, key.seal(_KIND, order).dumps(), as_folder=True)


def is_sealed(job: Path, seen: JobState, key: Key) -> bool:
    """Whether the order as it lies there is one this key has sealed."""
    try:
        value, envelope = sealed.read((job / SEAL_FILE).read_bytes(), _KIND)
    except (RecordsError, OSError):
        return False
    order = {"job": job.name, "spec": spec_sha256(job), "bound_to": seen.bound_to}
    return envelope.key == key.public.hex() and value == order


def vouched(job: Path, seen: JobState, key: Key, *, on_record: bool) -> JobState:
    """The state with no more than what this bench can vouch for. `on_record`: the record knew the
    job before."""
    if seen.claim not in (Claim.PURGE, Claim.CLEAR):
        return seen  # nobody gains by saying less
    if durable.writable_by_others(job) or durable.writable_by_others(job.parent):
        why = Code.JOBS_OPEN
    elif not on_record and not is_sealed(job, seen, key):
        why = Code.PLAN_UNKNOWN
    else:
        return seen
    return msgspec.structs.replace(seen, claim=Claim.NONE, reasons=(because(why), *seen.reasons))
