"""A disk no source knows the kind of: asked of the kernel, else told in plan and claim."""

from __future__ import annotations

import msgspec
import pytest

from diagnostics.model import Disk, DiskKind
from wipe.decide.claim import Evidence, Verification, decide
from wipe.decide.plan import Plan, plan
from wipe.job.prepare import target_from_disk, target_from_node
from wipe.journal.evidence import gather
from wipe.journal.standing import Standing
from wipe.model.capabilities import Capabilities
from wipe.model.codes import Code
from wipe.model.spec import Claim, JobSpec, Method, Target, TargetKind, Verify
from wipe.seen.topology import Node, Topology

SATA = Node("sda", "8:0", 1 << 30, False, kind=DiskKind.SSD, transport="sata")
ABLE = Capabilities(read=True, sanitize=("block",))


def codes(made: object) -> list[Code]:
    assert isinstance(made, Plan)
    return [one.code for one in made.notes]


def test_an_unprobed_disk_is_planned_by_what_the_kernel_knows() -> None:
    topology = Topology((SATA,))
    bare = target_from_node("/dev/sda", topology)
    probed = target_from_disk(Disk("/dev/sda", "sda"), topology)
    for target in (bare, probed):
        assert target is not None
        assert (target.disk_kind, target.transport) == (DiskKind.SSD, "sata")
        made = plan(target, ABLE)
        assert isinstance(made, Plan)
        assert made.techniques[0].method is Method.ATA_SANITIZE_BLOCK
        assert Code.KIND_UNKNOWN not in codes(made)


def test_nothing_but_overwriting_goes_through_usb_whatever_the_kind() -> None:
    node = msgspec.structs.replace(SATA, kind=DiskKind.UNKNOWN, transport="usb")
    for disk in (Disk("/dev/sda", "sda"), Disk("/dev/sda", "sda", DiskKind.SSD, transport="sata")):
        target = target_from_disk(disk, Topology((node,)))
        assert target is not None and target.transport == "usb"
        made = plan(target, ABLE)
        assert isinstance(made, Plan)
        assert [one.method for one in made.techniques] == [Method.OVERWRITE]
        assert Code.USB_BRIDGE in codes(made)


def test_what_stays_unknown_is_told_in_the_plan_and_with_the_claim() -> None:
    node = msgspec.structs.replace(SATA, kind=DiskKind.UNKNOWN, transport=None)
    target = target_from_node("/dev/sda", Topology((node,)))
    assert target is not None
    made = plan(target, Capabilities())
    assert isinstance(made, Plan)
    assert [one.method for one in made.techniques] == [Method.OVERWRITE]
    assert Code.KIND_UNKNOWN in codes(made)
    spec = JobSpec("one", "2026-01-01T00:00:00Z", target, made.techniques)
    assert gather(spec, Standing(touched=True), None).kind_unknown
    written = Evidence(
        Method.OVERWRITE, Claim.CLEAR, began=True, kind_unknown=True, passes_wanted=1,
        passes_done=1, unwritten_sectors=0, flushed=True, direct=True, unbroken=True,
        verification=Verification(Verify.FULL, 100, 100, complete=True),
    )  # fmt: skip
    decision = decide(written)
    assert decision.claim is Claim.CLEAR
    assert Code.KIND_UNKNOWN in [one.code for one in decision.reasons]


@pytest.mark.parametrize("kind", [one for one in DiskKind if one is not DiskKind.UNKNOWN])
def test_a_known_kind_is_not_told_as_unknown(kind: DiskKind) -> None:
    made = plan(Target("/dev/sda", TargetKind.BLOCK, 1 << 30, disk_kind=kind), ABLE)
    if isinstance(made, Plan):
        assert Code.KIND_UNKNOWN not in codes(made)
