"""The decision table of docs/facts/erasure.md, row by row, and the confirmation code."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.model import DiskKind
from wipe.decide.plan import PASS_LISTS, Plan, Refusal, Wish, plan
from wipe.job.prepare import confirm_code
from wipe.model.capabilities import Capabilities, HiddenAreas, Security
from wipe.model.codes import Code, NextStep, because
from wipe.model.spec import Claim, Method, Seen, Target, TargetKind
from wipe.model.steps import next_step

EVERY = Capabilities(
    read=True,
    sanitize=("crypto", "block", "overwrite"),
    security=Security(supported=True, enhanced=True),
    format_crypto=True,
    format_user=True,
    format_unit=True,
    secure_discard=True,
    namespaces=1,
)


def target(kind: DiskKind, **more: object) -> Target:
    values: dict[str, object] = {"serial": "S", "disk_kind": kind, **more}
    return Target("/dev/sda", TargetKind.BLOCK, 1 << 30, **values)  # type: ignore[arg-type]


def methods(
    kind: DiskKind, can: Capabilities, wish: Wish | None = None, **more: object
) -> list[str]:
    made = plan(target(kind, **more), can, wish)
    assert isinstance(made, Plan)
    return [one.method.value for one in made.techniques]


ROWS = {
    DiskKind.HDD: [
        "ata_sanitize_crypto", "ata_sanitize_overwrite", "ata_security_enhanced", "overwrite",
    ],
    DiskKind.SSD: [
        "ata_sanitize_block", "ata_sanitize_crypto", "ata_security_enhanced", "ata_security",
        "overwrite",
    ],
    DiskKind.NVME: [
        "nvme_sanitize_block", "nvme_sanitize_crypto", "nvme_format_crypto", "nvme_format_user",
        "overwrite",
    ],
    DiskKind.SAS_SSD: ["scsi_sanitize_block", "scsi_sanitize_crypto", "scsi_format", "overwrite"],
    DiskKind.SAS_HDD: [
        "scsi_sanitize_crypto", "scsi_sanitize_overwrite", "scsi_format", "overwrite",
    ],
    DiskKind.EMMC: ["mmc_sanitize", "mmc_secure_discard", "overwrite"],
    DiskKind.USB_FLASH: ["overwrite"],
    DiskKind.UNKNOWN: ["overwrite"],
    DiskKind.VIRTUAL: ["overwrite"],
}  # fmt: skip


@pytest.mark.parametrize("kind", ROWS)
def test_strongest_first_overwriting_last(kind: DiskKind) -> None:
    assert methods(kind, EVERY) == ROWS[kind]


def test_only_sanitize_reaches_purge_and_overwriting_never() -> None:
    for kind in ROWS:
        made = plan(target(kind), EVERY)
        assert isinstance(made, Plan)
        for one in made.techniques:
            purge = "sanitize" in one.method.value and kind is not DiskKind.EMMC
            assert (one.claim is Claim.PURGE) == purge
            assert one.standard == ("IEEE 2883-2022" if purge else None)


@given(st.sampled_from(DiskKind), st.booleans(), st.booleans())
def test_nothing_but_overwriting_over_usb(kind: DiskKind, bridge: bool, wish: bool) -> None:
    more = {"usb_bridge": "152d:0578"} if bridge else {"transport": "usb"}
    made = plan(target(kind, **more), EVERY, Wish("auto" if not wish else "ata_security"))
    if isinstance(made, Plan):
        assert {one.method for one in made.techniques} == {Method.OVERWRITE}


def test_a_frozen_drive_is_overwritten_and_the_reason_told() -> None:
    frozen = Capabilities(read=True, security=Security(supported=True, frozen=True, enhanced=True))
    made = plan(target(DiskKind.SSD), frozen)
    assert isinstance(made, Plan)
    assert [one.method for one in made.techniques] == [Method.OVERWRITE]
    assert [one.code for one in made.notes] == [Code.FROZEN]
    assert next_step(Code.FROZEN) is NextStep.SUSPEND
    assert methods(DiskKind.SSD, frozen, Wish(thaw=True))[0] == "ata_security_enhanced"


def test_frozen_is_told_only_where_a_thaw_would_help() -> None:
    security = Security(supported=True, frozen=True, enhanced=True)
    for can, told in (
        # The strongest technique is not frozen: nobody has to put a PC to sleep for the others.
        (Capabilities(read=True, sanitize=("block",), security=security), False),
        (Capabilities(read=True, sanitize=("block",), sanitize_frozen=True), True),
        (Capabilities(read=True, security=Security(frozen=True)), False),
    ):
        made = plan(target(DiskKind.SSD), can)
        assert isinstance(made, Plan)
        assert (Code.FROZEN in [one.code for one in made.notes]) is told


@pytest.mark.parametrize(
    ("can", "more", "code", "step"),
    [
        (
            Capabilities(security=Security(supported=True, enabled=True, locked=True)),
            {},
            Code.LOCKED,
            NextStep.UNLOCK_OR_DESTROY,
        ),
        (Capabilities(behind_raid=True), {}, Code.BEHIND_RAID, NextStep.PLUG_WITHOUT_RAID),
        (Capabilities(), {"zoned": "host-managed"}, Code.ZONED, NextStep.ASK_SUPERVISOR),
        # SANITIZE of a kind this disk does not have, or that is frozen, helps nobody.
        (
            Capabilities(sanitize=("block",)),
            {"zoned": "host-managed"},
            Code.ZONED,
            NextStep.ASK_SUPERVISOR,
        ),
        (
            Capabilities(sanitize=("crypto",), sanitize_frozen=True),
            {"zoned": "host-managed"},
            Code.ZONED,
            NextStep.ASK_SUPERVISOR,
        ),
        (Capabilities(), {"disk_kind": DiskKind.OPTICAL}, Code.OPTICAL, NextStep.DESTROY),
    ],
)
def test_what_cannot_be_erased_says_the_next_step(
    can: Capabilities, more: dict[str, object], code: Code, step: NextStep
) -> None:
    made = plan(target(**{"kind": DiskKind.HDD, **_kind(more)}), can)  # type: ignore[arg-type]
    assert isinstance(made, Refusal)
    assert (made.reason.code, made.step) == (code, step)


def test_a_host_managed_disk_erases_itself_or_is_not_erased() -> None:
    zoned: dict[str, Any] = {"zoned": "host-managed"}
    assert methods(DiskKind.HDD, EVERY, **zoned) == ROWS[DiskKind.HDD][:-1]
    wished = plan(target(DiskKind.HDD, **zoned), EVERY, Wish("overwrite"))
    assert isinstance(wished, Refusal)
    assert methods(DiskKind.HDD, EVERY, zoned="host-aware") == ROWS[DiskKind.HDD]


def test_hidden_sectors_are_told_with_the_plan() -> None:
    hiding = Capabilities(read=True, hidden=HiddenAreas(1000, 1200, 1500))
    made = plan(target(DiskKind.HDD), hiding)
    assert isinstance(made, Plan)
    assert made.notes[0] == because(Code.HIDDEN_AREA_FOUND, sectors=500)


def _kind(more: dict[str, object]) -> dict[str, object]:
    return {("kind" if key == "disk_kind" else key): value for key, value in more.items()}


HYBRID = [
    "ST500LM000-1EJ162", "ST1000LM014-SSHD-8GB", "ST95005620AS", "ST750LX003-1AC154",
    "ST2000DX001-1CM164", "ST2000DX002-2DV164", "ST1000LX015-1U7172", "TOSHIBA MQ01ABD100H",
    "TOSHIBA_MQ02ABF100H", "WDC WD10J31X-00V6CT0", "WDC WD5000M22K-24Z1LT0",
]  # fmt: skip
PLAIN = [
    "ST1000LM035-1RK172", "ST1000DM010-2EP102", "ST500LM021-1KJ152", "TOSHIBA MQ01ABD100",
    "WDC WD10JPVX-22JC3T0", "WDC WD5000LPLX-08ZNTT0", "Samsung SSD 860 EVO 500GB", None,
]  # fmt: skip


@pytest.mark.parametrize("model", [*HYBRID, *PLAIN])
def test_a_hybrid_disk_that_cannot_sanitize_is_told_of_its_cache(model: str | None) -> None:
    weak, hybrid = Capabilities(read=True), target(DiskKind.HDD, model=model)
    made = plan(hybrid, weak)
    assert isinstance(made, Plan)
    assert (because(Code.HYBRID_CACHE) in made.notes) is (model in HYBRID)
    able = plan(hybrid, EVERY)
    assert isinstance(able, Plan) and because(Code.HYBRID_CACHE) not in able.notes
    for less in ({"sanitize": ()}, {"sanitize_frozen": True}):
        made = plan(hybrid, msgspec.structs.replace(EVERY, **less))
        assert isinstance(made, Plan) and made.techniques[0].method is Method.ATA_SECURITY_ENHANCED
        assert (because(Code.HYBRID_CACHE) in made.notes) is (model in HYBRID)
    wished = plan(hybrid, EVERY, Wish("overwrite"))
    assert isinstance(wished, Plan)
    assert (because(Code.HYBRID_CACHE) in wished.notes) is (model in HYBRID)


def test_wishes_are_taken_or_refused_never_replaced() -> None:
    assert methods(DiskKind.SSD, EVERY, Wish("overwrite")) == ["overwrite"]
    assert methods(DiskKind.SSD, EVERY, Wish("ata_security")) == ["ata_security"]
    assert isinstance(plan(target(DiskKind.SSD), EVERY, Wish("nvme_format_user")), Refusal)
    assert isinstance(plan(target(DiskKind.SSD), EVERY, Wish(passes="gutmann35")), Refusal)
    for name, passes in PASS_LISTS.items():
        made = plan(target(DiskKind.HDD), EVERY, Wish("overwrite", name))
        assert isinstance(made, Plan) and made.techniques[0].passes == passes


@pytest.mark.parametrize(
    ("serial", "code"), [("WD-WX21A1234567", "4567"), ("ab-12", "AB12"), ("é-s3k9", "S3K9")]
)
def test_confirmation_is_the_serials_last_four(serial: str, code: str) -> None:
    assert confirm_code(target(DiskKind.HDD, serial=serial)) == code


@given(st.text(max_size=3), st.integers(1, 1 << 50))
def test_without_a_serial_the_code_is_stable_and_unmistakable(serial: str, inode: int) -> None:
    one = target(DiskKind.HDD, serial=serial, seen=Seen(inode=f"1:{inode}"))
    code = confirm_code(one)
    assert len(code) == 4 and code == confirm_code(one)
    assert not set(code) & set("0O1IB8S52Z")
