"""What a drive holds beside the device we write: counted, told, and never claimed as erased."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from diagnostics.command import Completed
from diagnostics.model import DiskKind
from tests.unit.wipe.helpers_wipe import image, loop
from tests.unit.wipe.scripted_drive import Answer, Drive
from tests.unit.wipe.test_wipe_matrix import FORMAT, SANITIZE, Case
from tests.unit.wipe.test_wipe_methods import Tools, disk
from wipe.decide.plan import Plan, Refusal, Wish, plan
from wipe.decide.reach import left, reaches_all, told, worst
from wipe.job.asking import read_capabilities
from wipe.journal.evidence import held
from wipe.methods import mmc, nvme_holds, scsi
from wipe.model.capabilities import Capabilities, Holds
from wipe.model.codes import Code, NextStep, Reason
from wipe.model.spec import Claim, Method, Target, TargetKind

ALONE = Holds(namespaces=1, unallocated_bytes=0, boot_bytes=0, rpmb_bytes=0)
TWO = msgspec.structs.replace(ALONE, namespaces=2)
EVERY = Capabilities(
    read=True, sanitize=("block",), format_crypto=True, format_user=True, namespaces=1
)


def codes(reasons: Sequence[Reason]) -> list[Code]:
    return [one.code for one in reasons]


def identify(
    *, manages: bool = True, several: bool = False, highest: int = 32, total: int = 10**12,
    free: int = 0, rpmbs: int = 0, version: int = 0x00010400,
) -> bytes:  # fmt: skip
    raw = bytearray(4096)
    raw[76], raw[256] = several << 1, 2 | manages << 3
    raw[80:84] = version.to_bytes(4, "little")
    raw[280:296], raw[296:312] = total.to_bytes(16, "little"), free.to_bytes(16, "little")
    raw[312:316], raw[516:520] = rpmbs.to_bytes(4, "little"), highest.to_bytes(4, "little")
    raw[328] = 2  # SANICAP: block erase
    return bytes(raw)


def listed(*numbers: int, width: int = 4) -> bytes:
    return b"".join(one.to_bytes(width, "little") for one in numbers).ljust(4096, b"\0")


class Controller(Tools):
    """Answers Identify by what is asked for; what it has no answer for is refused."""

    def __init__(self, identity: bytes, answers: dict[str, bytes]) -> None:
        super().__init__({})
        self.raw = {"id-ctrl": identity, **answers}

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 0, stdin: bytes | None = None
    ) -> Completed:
        line = " ".join(argv) + " "
        out = next((raw for words, raw in self.raw.items() if words in line), None)
        return Completed(tuple(argv), 1 if out is None else 0, out or b"", b"", 0.0)


ACTIVE, ALLOCATED = "--cdw10=0x2 ", "--cdw10=0x10 "
ATTACHED = "--cdw10=0x12 --namespace-id=2 "
NOBODY, ANOTHER = listed(0, width=2), listed(1, 7, width=2)
BOOT = bytes([0x15, 0, 0, 0, 4, 0, 0, 0]) + bytes(8)


def asked(identity: bytes, **answers: bytes) -> Capabilities:
    names = {"active": ACTIVE, "allocated": ALLOCATED, "attached": ATTACHED, "boot": "--log-id"}
    tools = Controller(identity, {names[name]: raw for name, raw in answers.items()})
    return read_capabilities(tools, disk(DiskKind.NVME, "/dev/nvme0n1"))


@pytest.mark.parametrize(
    ("identity", "answers", "count"),
    [
        (identify(), {"active": listed(1), "allocated": listed(1)}, 1),
        (identify(), {"active": listed(1), "allocated": listed(1, 2)}, 2),
        (identify(), {"active": listed(1, 3), "allocated": listed(1, 2, 3)}, 3),
        # It manages namespaces and does not say how many there are: nobody knows.
        (identify(), {"active": listed(1)}, None),
        (identify(), {}, None),
        (identify(), {"active": listed(1), "allocated": b"short"}, None),
        (identify(), {"active": listed(1), "allocated": listed(2, 1)}, None),
        # Older than the list: it makes none, and its only controller has them all.
        (identify(manages=False), {"active": listed(1)}, 1),
        (identify(manages=False), {"active": listed(1, 2)}, 2),
        (identify(manages=False, several=True), {"active": listed(1)}, None),
        (identify(manages=False), {}, None),
        (identify(manages=False, highest=1), {}, 1),
    ],
)  # fmt: skip
def test_namespaces_are_counted_by_the_controller_or_unknown(
    identity: bytes, answers: dict[str, bytes], count: int | None
) -> None:
    holds = asked(identity, **answers).holds
    assert holds is not None and holds.namespaces == count


def test_a_hidden_namespace_that_another_controller_has_is_not_erased_by_sanitize() -> None:
    both = {"active": listed(1), "allocated": listed(1, 2)}
    assert asked(identify(), **both, attached=NOBODY).sanitize == ("block",)
    assert asked(identify(), **both).sanitize == ("block",)  # no other controller is there
    assert asked(identify(several=True), **both, attached=NOBODY).sanitize == ("block",)
    assert asked(identify(several=True), **both, attached=ANOTHER).sanitize == ()
    assert asked(identify(several=True), **both).sanitize == ()  # it does not say


def test_what_is_in_no_namespace_is_counted() -> None:
    for identity, wanted in (
        (identify(free=5 * 10**9), 5 * 10**9),
        (identify(), 0),
        (identify(total=0), None),
        (identify(total=0, manages=False), 0),
    ):
        holds = asked(identity, active=listed(1), allocated=listed(1)).holds
        assert holds is not None and holds.unallocated_bytes == wanted
    found = asked(identify(rpmbs=0x0003_0001 | 2 << 16), boot=BOOT).holds
    assert found is not None and found.boot_bytes == 2 * 4 * 128 * 1024
    assert found.rpmb_bytes == 4 * 128 * 1024
    silent, old = asked(identify()).holds, asked(identify(version=0)).holds
    assert silent is not None and silent.boot_bytes is None
    assert old is not None and old.boot_bytes == 0  # boot partitions came with 1.2


def test_registers_as_nvme_cli_prints_them() -> None:
    with_boot = "cap     : 20000f0107ff\nversion : 10400\nbpinfo  : 80000010\n"
    assert nvme_holds.parse_registers(with_boot) == 2 * 16 * 128 * 1024
    assert nvme_holds.parse_registers("cap     : 4008200f0107ff\nversion : 10400\n") == 0
    assert nvme_holds.parse_registers("cap     : 20000f0107ff\n") is None
    assert nvme_holds.parse_registers("get-property: Operation not permitted\n") is None


def test_a_silent_controller_with_two_devices_has_two() -> None:
    tools = Tools({})
    tools.names = lambda path: ("nvme0n1", "nvme0n2")  # type: ignore[method-assign]
    can = read_capabilities(tools, disk(DiskKind.NVME, "/dev/nvme0n1"))
    assert isinstance(plan(disk(DiskKind.NVME, "/dev/nvme0n1"), can), Refusal)


def planned(holds: Holds, wish: Wish | None = None, **can: object) -> Plan | Refusal:
    able = msgspec.structs.replace(EVERY, holds=holds, **can)
    return plan(disk(DiskKind.NVME, "/dev/nvme0n1", serial="S"), able, wish)


def test_beside_another_namespace_only_sanitize_is_left_and_the_plan_says_so() -> None:
    made = planned(TWO)
    assert isinstance(made, Plan)
    assert [one.method for one in made.techniques] == [Method.NVME_SANITIZE_BLOCK]
    assert codes(made.notes) == [Code.NAMESPACES_NOT_READ]
    for holds, code in (
        (TWO, Code.OTHER_NAMESPACES_LEFT),
        (msgspec.structs.replace(ALONE, unallocated_bytes=1), Code.UNALLOCATED_LEFT),
    ):
        for wish in (None, Wish("overwrite")):
            refused = planned(holds, wish, sanitize=())
            assert isinstance(refused, Refusal)
            assert (refused.reason.code, refused.step) == (code, NextStep.ONE_NAMESPACE)
    refused = planned(TWO, Wish("nvme_format_user"))
    assert isinstance(refused, Refusal) and refused.reason.code is Code.OTHER_NAMESPACES_LEFT


def test_what_nobody_counted_is_told_as_unknown() -> None:
    overwrite = planned(Holds(), sanitize=(), format_user=False, format_crypto=False)
    assert isinstance(overwrite, Plan)
    assert codes(overwrite.notes) == [Code.NAMESPACES_UNKNOWN, Code.BOOT_PARTITIONS_UNKNOWN]
    unread = msgspec.structs.replace(ALONE, unallocated_bytes=None)
    drive = disk(DiskKind.NVME)
    assert codes(told(drive, Method.NVME_FORMAT_USER, unread)) == [Code.UNALLOCATED_UNKNOWN]
    assert codes(told(drive, Method.NVME_SANITIZE_BLOCK, unread)) == []
    assert codes(told(drive, Method.OVERWRITE, ALONE)) == []
    assert codes(told(disk(DiskKind.SAS_HDD), Method.OVERWRITE, None)) == [Code.CAPACITY_UNKNOWN]
    more = msgspec.structs.replace(ALONE, boot_bytes=1 << 20, rpmb_bytes=1 << 17)
    both = [Code.BOOT_PARTITIONS_LEFT, Code.RPMB_LEFT]
    assert codes(told(drive, Method.NVME_SANITIZE_BLOCK, more)) == both
    assert told(Target("/x.img", TargetKind.IMAGE, 1), Method.OVERWRITE, None) == ()


@pytest.mark.parametrize("method", Method)
def test_only_sanitize_reaches_what_is_not_addressed(method: Method) -> None:
    full = Holds(namespaces=3, unallocated_bytes=10**9, withheld_sectors=8)
    wanted = [Code.OTHER_NAMESPACES_LEFT, Code.UNALLOCATED_LEFT, Code.CAPACITY_LEFT]
    assert codes(left(method, full)) == ([] if reaches_all(method) else wanted)
    assert codes(left(method, Holds(gp_areas=1))) == [Code.GP_AREAS_LEFT]
    assert left(method, Holds(1, 0, 0)) == left(method, Holds()) == left(method, None) == ()


def test_the_worse_of_both_counts_counts() -> None:
    assert worst(ALONE, TWO) == worst(TWO, ALONE) == TWO
    assert worst(None, TWO) == worst(TWO, None) == TWO and worst(None, None) is None
    assert worst(Holds(), Holds(withheld_sectors=3)) == Holds(withheld_sectors=3)
    facts = {"capabilities": {"holds": msgspec.to_builtins(TWO)}, "holds_after": {"namespaces": 1}}
    found = held(facts)
    assert found is not None and found.namespaces == 2


def test_blocks_a_scsi_drive_reports_no_more() -> None:
    """MODE SENSE(10): header of 8 bytes, then a long (LONGLBA) or a short block descriptor."""
    long = bytes([0, 90, 0, 0, 1, 0, 0, 16]) + (4000).to_bytes(8, "big") + bytes(8)
    short = bytes([0, 90, 0, 0, 0, 0, 0, 8]) + (4000).to_bytes(4, "big") + bytes(4)
    assert scsi.parse_blocks(long) == scsi.parse_blocks(short) == 4000
    assert scsi.parse_blocks(short[:8] + b"\xff" * 4 + bytes(4)) is None
    assert scsi.parse_blocks(bytes(16)) is None and scsi.parse_blocks(b"") is None
    for reported, wanted in ((4000, 0), (3000, 1000)):
        tools = Controller(b"", {"sg_modes": long})
        target = Target("/dev/sda", TargetKind.BLOCK, reported * 512, disk_kind=DiskKind.SAS_HDD)
        assert scsi.withheld(tools, target) == wanted
        holds = read_capabilities(tools, target).holds
        made = plan(target, Capabilities(read=True, holds=holds))
        assert isinstance(made, Refusal if wanted else Plan)
    assert scsi.withheld(Tools({}), disk(DiskKind.SAS_HDD)) is None


def test_areas_of_an_emmc_are_counted() -> None:
    tools = Tools({})
    names = ("mmcblk0", "mmcblk0boot0", "mmcblk0boot1", "mmcblk0gp1", "mmcblk0gp1p1", "mmcblk1gp0")
    tools.names = lambda path: names  # type: ignore[method-assign]
    assert mmc.count_areas(tools, "/dev/mmcblk0") == Holds(gp_areas=1)
    made = plan(disk(DiskKind.EMMC), Capabilities(holds=Holds(gp_areas=1)))
    assert isinstance(made, Refusal) and made.reason.code is Code.GP_AREAS_LEFT


@pytest.fixture
def device(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    medium = image(tmp_path / "disk.img", 1 << 20)
    with loop(medium) as path:
        yield path, medium


@pytest.mark.root
@pytest.mark.parametrize(
    ("can", "claim", "reason"),
    [
        (FORMAT, Claim.FAILED, Code.OTHER_NAMESPACES_LEFT),
        (Capabilities(), Claim.FAILED, Code.OTHER_NAMESPACES_LEFT),
        (SANITIZE, Claim.CLEAR, Code.NAMESPACES_NOT_READ),
    ],
)
def test_a_namespace_detached_since_the_plan_is_never_claimed(
    tmp_path: Path, device: tuple[str, Path], can: Capabilities, claim: Claim, reason: Code
) -> None:
    """Planned when one namespace was known; the wipe process counts again."""
    case = Case(tmp_path / "case", device, (DiskKind.NVME, can, "honest"))
    case.drive.namespaces = (1, 2)
    case.session()
    seen = case.seen()
    assert seen.claim is claim and reason in codes(seen.reasons), seen.reasons


@pytest.mark.root
@pytest.mark.parametrize("can", [FORMAT, Capabilities()])
def test_a_namespace_that_comes_to_light_afterwards_takes_the_claim_down(
    tmp_path: Path, device: tuple[str, Path], can: Capabilities
) -> None:
    """Counted before and after: a controller that told of one and then tells of two."""

    class Late(Drive):
        def answer(self, argv: Sequence[str]) -> Answer:
            erased = b"PLANTED" not in self._medium.read_bytes()[:4096]
            self.namespaces = (1, 2) if erased else (1,)
            return super().answer(argv)

    case = Case(tmp_path / "case", device, (DiskKind.NVME, can, "honest"))
    case.drive = Late(case.folder, case.medium)
    case.session()
    seen = case.seen()
    assert seen.claim is Claim.FAILED
    assert Code.OTHER_NAMESPACES_LEFT in codes(seen.reasons), seen.reasons


@pytest.mark.root
@pytest.mark.parametrize("can", [FORMAT, Capabilities()])
def test_a_controller_that_cannot_count_is_told_as_unknown(
    tmp_path: Path, device: tuple[str, Path], can: Capabilities
) -> None:
    case = Case(tmp_path / "case", device, (DiskKind.NVME, can, "honest"))
    case.drive.namespaces = ()  # manages namespaces and lists none: no answer
    case.session()
    seen = case.seen()
    assert seen.claim is Claim.CLEAR and Code.NAMESPACES_UNKNOWN in codes(seen.reasons)
