"""What the other papers say, and what they refuse to say."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
import zxingcpp

from bench.documents.french_rules import (
    PaperRefused,
    check_price,
    counts_as_reuse,
    french_rules,
    price_cap_cents,
)
from bench.documents.handover import HandedItem, check_handover, issue_handover
from bench.documents.machine_sheet import memory_text, money_text
from bench.documents.paper import Issued
from bench.documents.reuse_attestation import counted, issue_reuse_attestation, over_gift_limit
from bench.documents.shortcode import verify_code
from bench.documents.signed import verify
from bench.grading.engine import grade, override
from bench.guide.card import code_of, meaning, standard_groups
from tests.unit.documents.examples import (
    PAPERS,
    code_sheet,
    donor_pack,
    handover_content,
    lot_label,
    reuse_content,
    sheet,
)
from tests.unit.documents.paper_reader import codes, pages, texts
from tests.unit.documents.papers import KEY
from tests.unit.grading.test_engine import GOOD as FACTS
from tests.unit.grading.test_engine import RULES, but

ISSUED: dict[str, Callable[[], Issued]] = {
    "sheet": sheet,
    "donor_pack": donor_pack,
    "reuse": lambda: issue_reuse_attestation(reuse_content(), KEY),
    "handover": lambda: issue_handover(handover_content(), KEY),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(ISSUED))
def test_file_and_qr_verify_and_belong_together(kind: str) -> None:
    issued = ISSUED[kind]()
    file = verify(issued.json, trusted={KEY.id: "Poste 3"})
    assert file.ok and file.kind == kind and file.trust == "trusted"
    (text,) = codes(issued.pdf)
    code = verify_code(text)
    assert text == issued.code and code.whole and code.kind == f"code:{kind}"
    changed = bytearray(issued.json)
    changed[len(changed) // 2] ^= 1
    assert not verify(bytes(changed)).whole


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_no_paper_uses_a_forbidden_word_or_leaves_a_hole(name: str) -> None:
    text = " ".join(texts(PAPERS[name]()))
    for forbidden in ("comme neuf", "état neuf", "à neuf", "nist certified", "{"):
        assert forbidden not in text.lower()
    assert "None" not in text
    assert ("reconditionné" in text) == (name == "sheet_refurbished")


def test_the_sheet_declares_what_is_wrong() -> None:
    text = " ".join(texts(sheet().pdf))
    for part in (
        "Note C",
        "F3 : fonctions principales",
        "en panne : caméra",
        "non testé : réseau par câble",
        "72 % de sa capacité",
        "6 mois",
        "120,00 €",
        "effacement a été contrôlé",
        "etabli-grade-2026.2",
    ):
        assert part in text, part


def test_an_override_never_brings_the_word_refurbished() -> None:
    from bench.documents.machine_sheet import MachineSheet, with_grade
    from tests.unit.documents.papers import WORKSHOP

    empty = MachineSheet("n", "2026", WORKSHOP, "a", "D", None, "C0", "", False)
    untested = grade(but(functions={}), RULES)
    raised = override(untested, "A", "essais faits hier")
    assert with_grade(empty, raised).grade == "A"
    assert not with_grade(empty, raised).refurbished
    lowered = override(grade(FACTS, RULES), "D", "odeur de tabac")
    assert not with_grade(empty, lowered).refurbished


def test_the_donor_file_names_every_machine_disk_and_failure() -> None:
    text = " ".join(texts(donor_pack().pdf))
    for n in range(60):
        assert f"RC26-{n:06d}-7" in text and f"PF{n:06d}" in text
    for part in (
        "1 disque ni effacé, ni détruit",
        "S0MEDEADDISK",
        "NON EFFACÉ (interrompu)",
        "Boavizta",
        "Facteurs 2026.1",
        "ordre de grandeur",
        "remis",
        "déchets (DEEE)",
    ):
        assert part in text, part


def test_what_public_donors_may_count() -> None:
    rules = french_rules()
    assert counts_as_reuse(2017, 2026, "reuse", rules)
    assert not counts_as_reuse(2016, 2026, "reuse", rules)
    assert not counts_as_reuse(None, 2026, "reuse", rules)
    assert not counts_as_reuse(2020, 2026, "weee", rules)
    assert not counts_as_reuse(2030, 2026, "reuse", rules)
    content = reuse_content()
    assert all(machine.made_year == 2019 for machine in counted(content))
    assert [machine.asset for machine in over_gift_limit(content)] == ["RC26-000002-7"]
    sold = msgspec.structs.replace(content, free_of_charge=False)
    assert over_gift_limit(sold) == []


@pytest.mark.parametrize(
    ("kind", "cents"),
    [("laptop", 18000), ("desktop", 15000), ("tablet", 10000), ("screen", 3000), ("printer", 3000)],
)
def test_price_caps_of_the_decree(kind: str, cents: int) -> None:
    rules = french_rules()
    assert price_cap_cents(kind, rules) == cents
    assert check_price(kind, cents, rules) == cents
    with pytest.raises(PaperRefused) as refused:
        check_price(kind, cents + 1, rules)
    assert refused.value.code == "price_over_cap"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (HandedItem("A", "laptop", price_cents=181_00, claims=("purge",)), "price_over_cap"),
        (HandedItem("A", "robot", price_cents=1, claims=("purge",)), "price_no_cap"),
        (HandedItem("A", "laptop", price_cents=-1, claims=("purge",)), "price_negative"),
        (HandedItem("A", "laptop", claims=("interrupted",)), "not_erased"),
        (HandedItem("A", "laptop", claims=("purge", "none")), "not_erased"),
        (HandedItem("A", "laptop"), "not_erased"),
    ],
)
def test_what_must_not_leave_gets_no_paper(item: HandedItem, code: str) -> None:
    content = msgspec.structs.replace(handover_content(), items=(item,))
    with pytest.raises(PaperRefused) as refused:
        issue_handover(content, KEY)
    assert refused.value.code == code


def test_a_gift_of_a_kind_without_cap_is_allowed() -> None:
    item = HandedItem("A", "robot", has_disk=False)
    check_handover(msgspec.structs.replace(handover_content(), items=(item,)))
    with pytest.raises(PaperRefused):
        check_handover(msgspec.structs.replace(handover_content(), items=()))


def test_the_lot_label_reads_from_both_halves() -> None:
    (page,) = pages(lot_label(), dpi=150)
    found = [(code.format.name, code.text) for code in zxingcpp.read_barcodes(page)]
    assert len(found) == 4 and {text for _, text in found} == {"RL26-000118-K"}


def test_every_code_of_the_sheet_reads_and_means_something() -> None:
    found = set(codes(code_sheet(), dpi=200))
    wanted = {code_of(action) for group in standard_groups() for action in group.codes}
    assert found == wanted | {"OP-7F3K", "OP-2B9C"}
    assert {meaning(code) for code in wanted} == {
        action for group in standard_groups() for action in group.codes
    }
    assert meaning("ACT-ERASE") is None and meaning("RC26-004217-H") is None
    assert not {"erase", "f8", "confirm", "close"} & {meaning(code) for code in wanted}


def test_figures_as_people_write_them() -> None:
    assert money_text(120_00) == "120,00\u00a0€" and money_text(5) == "0,05\u00a0€"
    assert memory_text(8_200_000_000) == "8 Go" and memory_text(None) == "inconnu"
