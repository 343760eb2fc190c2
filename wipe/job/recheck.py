"""A finished erasure looked at once more after a power cycle: some drives forget what they said.

`python -m wipe JOB --recheck`, on a job that came to an end. Where the drive erased itself the
same places are read again and compared with the hashes taken before; where it was overwritten,
places all over it with what was written, as the journal has its key. The claim is judged anew
with it, and a new last line says so.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import msgspec

from diagnostics.command import Runner
from diagnostics.identity import Same
from wipe.decide.claim import Decision, decide
from wipe.decide.guard import identity
from wipe.decide.second_look import SecondLook
from wipe.job.start import find_again, measure_again, rebound
from wipe.journal import journal
from wipe.journal.evidence import gather
from wipe.journal.standing import Standing, stand
from wipe.model.codes import Code, Phase, Reason, because
from wipe.model.key import Key
from wipe.model.spec import Claim, JobSpec, Method, Target, TargetKind, read_spec
from wipe.seen import own_number
from wipe.seen.reading import read_topology
from wipe.seen.smart import read_smart
from wipe.seen.topology import Node, Topology
from wipe.surface import sampling
from wipe.surface.context import WipeContext
from wipe.surface.io import Buffer, Handle
from wipe.surface.sample import Sample
from wipe.surface.stream import open_stream
from wipe.surface.sweep import Action, Sweep
from wipe.surface.verify import SAMPLE_BYTES, sample_places
from wipe.surface.write import chunk_bytes

_TICK_S = 0.25
_LAST_CHUNKS = 8  # written last: what a cache is most likely to have held

Subject = Sample | Key


def subject(spec: JobSpec, before: Standing) -> Subject | None:
    """What a finished erasure is looked at again by; `None`: nothing to look at, or no disk.

    An image file has no power to lose.
    """
    if before.end is None or spec.target.kind is not TargetKind.BLOCK:
        return None
    technique = spec.plan[min(before.technique, len(spec.plan) - 1)]
    if technique.method is not Method.OVERWRITE:
        return _sample_of(before)
    good = before.end.get("claim") == Claim.CLEAR and "verified" in before.facts
    return before.keys.get(len(technique.passes) - 1) if good else None


def _sample_of(before: Standing) -> Sample | None:
    """The sample a firmware erasure was judged by."""
    fact = before.facts.get("sample_before")
    if fact is None or "sample_after" not in before.facts:
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
    if "recheck" in before.facts:
        return True  # seen by a look that was begun and cut off
    values = before.facts.get("smart_after", {}).get("values")
    counted = values.get("power_cycles") if isinstance(values, dict) else None
    if isinstance(counted, int) and isinstance(cycles, int):
        return cycles > counted
    return None not in (before.boot_id, boot_id) and before.boot_id != boot_id


def cycle_seen(runner: Runner, job: Path) -> bool:
    """Whether a finished job's disk is here and was without power since. Reads only."""
    spec, before = read_spec(job), stand(journal.read(job))
    if spec is None or not spec.plan or subject(spec, before) is None:
        return False
    topology = read_topology(runner)
    target = own_number.follow(
        runner, topology, find_again(topology, rebound(topology, spec.target, before))
    )
    target = measure_again(topology, target, before)
    node = topology.node(PurePosixPath(target.path).name)
    if node is None or not _may_be(runner, topology, target, node, before):
        return False  # another disk may stand in its place: its count says nothing
    cycles = read_smart(runner, target.path).get("power_cycles")
    return power_cycled(before, topology.boot_id, cycles)


def _may_be(
    runner: Runner, topology: Topology, target: Target, node: Node, before: Standing
) -> bool:
    """Whether it is worth a start: there what we wrote is looked for before anything is judged."""
    against = {doubt.code for doubt in identity(topology, node, target)}
    if against != {Code.DISK_SWAPPED}:
        return not against
    written = any(key.secret for key in before.keys.values())
    return written or own_number.is_it(runner, target) is Same.YES


def again(context: WipeContext, what: Subject, before: Standing) -> Reason | None:
    """Read the places again; counts go to the journal."""
    if isinstance(what, Sample):
        return sampling.after(context, what, "sample_power_cycle")
    places = places_of(context.handle, context.random(16), before.seams)
    found = _compare(context, what, places)
    if isinstance(found, Reason):
        return found
    context.note("read_power_cycle", **msgspec.to_builtins(found))
    return None


def places_of(handle: Handle, seed: bytes, seams: tuple[int, ...]) -> list[tuple[int, int]]:
    """Where to look: one place in each of thousands of sections, both ends of the disk, and
    where writing was once taken up again."""
    size, chunk = handle.size_bytes, chunk_bytes(handle.size_bytes)
    wanted = [(0, chunk), (max(size - _LAST_CHUNKS * chunk, 0) // chunk * chunk, size)]
    wanted += [(max(seam - chunk, 0) // chunk * chunk, seam + chunk) for seam in seams]
    found = dict(sample_places(handle, seed))
    for start, end in wanted:
        for offset in range(start, min(end, size), SAMPLE_BYTES):
            found[offset] = min(SAMPLE_BYTES, size - offset)
    return sorted(found.items())


def _compare(context: WipeContext, key: Key, places: list[tuple[int, int]]) -> SecondLook | Reason:
    """Each place with what was written there. A hung or vanished drive gives a reason.

    Counted by place and never listed: where all is lost there would be no end of ranges.
    """
    seen: dict[int, bool | None] = {}
    handle = context.handle
    try:
        handle.drop_cache()
    except OSError:
        pass  # nothing was written; O_DIRECT reads the medium

    def make() -> Action:
        actual, wanted = Buffer(SAMPLE_BYTES), Buffer(SAMPLE_BYTES)
        stream = open_stream(key, SAMPLE_BYTES)

        def look(number: int, _: int) -> None:
            offset, length = places[number]
            try:
                handle.read(actual.view[:length], offset)
            except OSError:
                seen[number] = None
                return
            stream.fill(wanted.view[:length], offset)
            seen[number] = actual.same(wanted, length)

        return look

    def tick(number: int, _: int) -> Reason | None:
        context.temperature_c = context.temperature()
        context.show(Phase.SAMPLE_AFTER, percent=number * 100 // len(places))
        return because(Code.STOPPED) if context.stop.is_set() else None

    sweep = Sweep(0, len(places), 1, 1 if context.falls else 4, make)
    reason = sweep.run(tick, _TICK_S, context.options.stuck_s)
    if reason is None and context.gone():
        reason = because(Code.DISK_GONE)
    looks = list(seen.values())
    return reason or SecondLook(
        places=len(looks),
        different=looks.count(False),
        unreadable=looks.count(None),
        whole=sum(length for _, length in places) >= handle.size_bytes,
    )


def judge(spec: JobSpec, standing: Standing) -> Decision:
    """The claim with the second look in the evidence."""
    return decide(gather(spec, standing, None))
