"""No table cuts a machine's number: half a number is another machine's."""

from __future__ import annotations

import msgspec
import pytest

from bench.documents.attestation_pdf import issue_attestation
from bench.documents.day_list import DayList, DayMachine, day_list_pdf
from bench.documents.donor_pack import DonorPack, issue_donor_pack
from bench.documents.handover import issue_handover
from bench.documents.reuse_attestation import issue_reuse_attestation
from tests.unit.documents.examples import AT, given, handover_content, reuse_content
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.papers import CLEARED, DONOR, GOOD, KEY, WORKSHOP, attestation, machine


@pytest.mark.parametrize("asset", ["RC26-004217-H", "DEMOC26-010001-Z", "MMMMC26-010001-W"])
def test_no_table_cuts_a_machines_number(asset: str) -> None:
    """Four letters are the longest prefix a workshop may have."""
    again = msgspec.structs.replace
    lot = attestation(*(machine(GOOD, CLEARED, number=n) for n in range(4)))
    machines = (again(lot.machines[0], asset=asset), *lot.machines[1:])
    pack = DonorPack("DD", AT, WORKSHOP, DONOR, "L1", (again(given(1)[0], asset=asset),))
    reused = again(reuse_content().machines[0], asset=asset)
    item = again(handover_content().items[0], asset=asset)
    of_day = DayMachine(asset, "LENOVO T480", "PF1", "remise", "C", "1 sur 1", "réemploi")
    day = DayList("2026-11-28", "Atelier", "etabli", (), (of_day,), (), 0, (), True)
    for name, pdf, times in (
        ("lot", issue_attestation(again(lot, machines=machines), KEY).pdf, 2),
        ("pack", issue_donor_pack(pack, KEY).pdf, 2),
        ("reuse", issue_reuse_attestation(again(reuse_content(), machines=(reused,)), KEY).pdf, 1),
        ("bon", issue_handover(again(handover_content(), items=(item,)), KEY).pdf, 1),
        ("day", day_list_pdf(day), 1),
    ):
        assert " ".join(texts(pdf)).count(asset) >= times, name
