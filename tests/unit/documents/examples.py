"""One full example of each paper, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable

from bench.documents.attestation_pdf import issue_attestation
from bench.documents.code_sheet import Named, code_sheet_pdf
from bench.documents.donor_pack import DonorPack, GivenMachine, issue_donor_pack
from bench.documents.handover import HandedItem, Handover, issue_handover
from bench.documents.lot_label import LotLabel, lot_label_pdf
from bench.documents.machine_sheet import MachineSheet, SoldDisk, issue_machine_sheet, with_grade
from bench.documents.paper import Issued
from bench.documents.reuse_attestation import (
    ReuseAttestation,
    ReusedMachine,
    issue_reuse_attestation,
)
from bench.grading.engine import grade
from bench.grading.facts import GradeFacts
from tests.unit.documents.papers import (
    CLEARED,
    CUT,
    DONOR,
    GOOD,
    KEY,
    WORKSHOP,
    attestation,
    machine,
)
from tests.unit.grading.test_engine import GOOD as FACTS
from tests.unit.grading.test_engine import RULES, but, functions

AT = "2026-11-23T09:05:00Z"
TOOL = "etabli 0.1.0"
WITH_DEFECTS = but(
    battery_percent=72,
    functions=functions(camera="failed", ethernet="not_testable_here"),
    cosmetic={**FACTS.cosmetic, "lid": 2},
)


def sheet(facts: GradeFacts = WITH_DEFECTS) -> Issued:
    content = MachineSheet(
        number="FM-RC26-004217-H",
        issued_at=AT,
        workshop=WORKSHOP,
        asset="RC26-004217-H",
        grade="D",
        functional=None,
        cosmetic="C0",
        rule_set="",
        refurbished=False,
        maker="LENOVO",
        model="ThinkPad T480",
        serial="PF1ABCDE",
        kind="laptop",
        processor="Intel Core i5-8350U, 4 cœurs",
        ram_bytes=8_200_000_000,
        screen='14,0", 1920 × 1080',
        battery_percent=facts.battery_percent,
        disks=(SoldDisk("ssd", 256_060_514_304, "purge"),),
        functions=facts.functions,
        system="Debian 13",
        warranty_months=6,
        price_cents=120_00,
        tool=TOOL,
    )
    return issue_machine_sheet(with_grade(content, grade(facts, RULES)), KEY)


def given(count: int) -> tuple[GivenMachine, ...]:
    """Machines of a lot: some without, some with two disks, one cut short."""
    return tuple(
        GivenMachine(
            asset=f"RC26-{n:06d}-7",
            kind="laptop" if n % 3 else "desktop",
            disks=(CLEARED, CUT) if n == 8 else (GOOD,) if n % 4 else (CLEARED,),
            maker="LENOVO",
            model="ThinkPad T480 20L6S29E00",
            serial=f"PF{n:06d}",
            destination="reuse" if n % 5 else "weee",
            handed_on=n % 5 != 0 and n % 2 == 0,
            grade="ABCD"[n % 4],
            weight_g=2100 if n % 2 else 0,
        )
        for n in range(count)
    )


def donor_pack(count: int = 60) -> Issued:
    pack = DonorPack(
        number="DD-2026-118",
        issued_at=AT,
        workshop=WORKSHOP,
        donor=DONOR,
        lot="LOT-2026-118",
        machines=given(count),
        received_on="2026-11-02",
        promised=count + 2,
        destroyed=("S0MEDEADDISK",),
        tool=TOOL,
    )
    return issue_donor_pack(pack, KEY)


def reuse_content() -> ReuseAttestation:
    machines = tuple(
        ReusedMachine(
            asset=f"RC26-{n:06d}-7",
            kind="laptop",
            model="LENOVO ThinkPad T480",
            serial=f"PF{n:06d}",
            made_year=(2019, 2012, None)[n % 3],
            destination="reuse" if n % 5 else "weee",
            value_cents=(None, 250_00, 400_00)[n % 3] if n < 4 else None,
        )
        for n in range(20)
    )
    return ReuseAttestation(
        number="AR-2026-118",
        issued_at=AT,
        workshop=WORKSHOP,
        donor=DONOR,
        lot="LOT-2026-118",
        machines=machines,
        received_on="2026-11-02",
        tool=TOOL,
    )


def handover_content() -> Handover:
    laptop = HandedItem(
        asset="RC26-004217-H",
        kind="laptop",
        model="LENOVO ThinkPad T480",
        serial="PF1ABCDE",
        grade="B",
        price_cents=120_00,
        claims=("purge",),
        defects=("caméra en panne",),
    )
    screen = HandedItem(
        "RE26-000017-Q", "screen", "Dell P2219H", "CN0ABC", grade="B", has_disk=False
    )
    return Handover(
        number="BR-2026-0042",
        issued_at=AT,
        workshop=WORKSHOP,
        items=(laptop, screen),
        recipient="a3f9c0d1e2b34455",
        warranty_months=6,
        tool=TOOL,
    )


def lot_label() -> bytes:
    return lot_label_pdf(
        LotLabel("RL26-000118-K", WORKSHOP.name, "2026-11-02", 62, 60, 126_000, "reuse")
    )


def code_sheet() -> bytes:
    badges = [Named("OP-7F3K", "Nadia"), Named("OP-2B9C", "Jean-Christophe")]
    return code_sheet_pdf(WORKSHOP.name, badges)


# Name -> PDF bytes, for the reference pictures.
PAPERS: dict[str, Callable[[], bytes]] = {
    "attestation": lambda: issue_attestation(attestation(machine(GOOD)), KEY).pdf,
    "attestation_not_erased": lambda: issue_attestation(attestation(machine(GOOD, CUT)), KEY).pdf,
    "attestation_lot": lambda: (
        issue_attestation(
            attestation(*(machine(GOOD, CLEARED, number=n) for n in range(12))), KEY
        ).pdf
    ),
    "sheet_defects": lambda: sheet().pdf,
    "sheet_refurbished": lambda: sheet(FACTS).pdf,
    "donor_pack": lambda: donor_pack().pdf,
    "reuse": lambda: issue_reuse_attestation(reuse_content(), KEY).pdf,
    "handover": lambda: issue_handover(handover_content(), KEY).pdf,
    "lot_label": lot_label,
    "code_sheet": code_sheet,
}
