"""The sample once more after a power cycle: some drives forget an erasure they confirmed.

`python -m wipe JOB --recheck`, on a job the drive's own erasure brought to an
end. The same places are read again and compared with the hashes taken before the
erasure; the claim is judged anew with it, and a new last line says so.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import msgspec

from diagnostics.command import Runner
from wipe import journal, sampling
from wipe.claim import Decision, decide
from wipe.codes import Reason
from wipe.context import Context
from wipe.evidence import gather
from wipe.reading import read_topology
from wipe.sample import Sample
from wipe.smart import read_smart
from wipe.spec import JobSpec, read_spec
from wipe.standing import Standing, stand
from wipe.start import find_again


def sample_of(before: Standing) -> Sample | None:
    """The sample a finished firmware erasure was judged by; `None` when there is none."""
    fact = before.facts.get("sample_before")
    if before.end is None or fact is None or "sample_after" not in before.facts:
        return None
    try:
        return msgspec.convert(fact, Sample)
    except msgspec.ValidationError:
        return None


def power_cycled(before: Standing, boot_id: str | None, cycles: object) -> bool:
    """Whether the disk was without power since.

    The drive's own count (`cycles`, now) decides where it was read after the erasure too: a warm
    restart is a new boot, but leaves the disk under power. Else a new boot has to do, and an
    unknown one is no proof.
    """
    values = before.facts.get("smart_after", {}).get("values")
    counted = values.get("power_cycles") if isinstance(values, dict) else None
    if isinstance(counted, int) and isinstance(cycles, int):
        return cycles > counted
    return None not in (before.boot_id, boot_id) and before.boot_id != boot_id


def cycle_seen(runner: Runner, job: Path) -> bool:
    """Whether a finished job's disk is here and was without power since. Reads only."""
    spec, before = read_spec(job), stand(journal.read(job))
    if spec is None or sample_of(before) is None:
        return False
    topology = read_topology(runner)
    target = find_again(topology, spec.target)
    node = topology.node(PurePosixPath(target.path).name)
    if node is None or (node.serial, node.wwn) != (target.seen.serial, target.seen.wwn):
        return False  # another disk may stand in its place: its count says nothing
    cycles = read_smart(runner, target.path).get("power_cycles")
    return power_cycled(before, topology.boot_id, cycles)


def again(context: Context, taken: Sample) -> Reason | None:
    """Read the places again; counts go to the journal."""
    return sampling.after(context, taken, "sample_power_cycle")


def judge(spec: JobSpec, standing: Standing) -> Decision:
    """The claim with the second sample in the evidence."""
    return decide(gather(spec, standing, None))
