"""The image an erasure ran under, on paper and in the answer of `verify`."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from bench.casefile.erasure import AttestedDisk
from bench.documents import wording
from bench.documents.attestation import Attestation
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.papers import verify_paper
from bench.documents.said import of_paper
from bench.documents.signed import ATTESTATION, sign, sign_attestation
from bench.exchange.signers import Answer, Signers
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.papers import CUT, GOOD, KEY, attestation, machine

ONE, TWO = "1f" * 32, "2e" * 32
KNOWN = Signers(trusted={KEY.id: "Poste 3"})


def under(disk: AttestedDisk, *systems: str) -> AttestedDisk:
    return msgspec.structs.replace(disk, systems=systems)


def pdf_text(content: Attestation) -> list[str]:
    return texts(issue_attestation(content, KEY).pdf)


def lines(content: Attestation) -> list[str]:
    said = of_paper(verify_paper(sign_attestation(content, KEY), KNOWN))
    assert said.answer.ok
    return [line for line in said.lines if "démarrage" in line]


def test_one_machine_still_fits_one_page() -> None:
    (text,) = pdf_text(attestation(machine(under(GOOD, ONE))))
    assert f"Image de démarrage {wording.short_hash(ONE)} Son empreinte {ONE}" in text
    assert "1 / 1" in text


def test_an_erasure_under_two_images_and_none_names_all() -> None:
    content = attestation(machine(under(GOOD, ONE, TWO, "")))
    text = " ".join(pdf_text(content))
    assert wording.short_hash(ONE) in text and wording.short_hash(TWO) in text
    (line,) = lines(content)
    assert ONE in line and TWO in line and line.endswith("un système sans empreinte connue")


def test_a_lot_names_each_image_once_with_its_disks() -> None:
    disks = [under(GOOD, ONE)] * 5 + [under(CUT, TWO)] + [GOOD] * 3
    content = attestation(*(machine(disk, number=n) for n, disk in enumerate(disks)))
    found = lines(content)
    assert [line.split(" : ")[0] for line in found] == [
        "Image de démarrage, 5 disques",
        "Image de démarrage, 1 disque",
    ]
    text = " ".join(pdf_text(content))
    assert text.count(wording.short_hash(ONE)) == text.count(wording.short_hash(TWO)) == 1


def test_all_under_one_image_is_one_line() -> None:
    content = attestation(*(machine(under(GOOD, ONE), number=n) for n in range(30)))
    assert lines(content) == [f"Image de démarrage : {wording.short_hash(ONE)} (en entier : {ONE})"]


def test_a_paper_of_before_verifies_and_says_nothing_of_it() -> None:
    payload: dict[str, Any] = msgspec.to_builtins(attestation(machine(GOOD)))
    del payload["machines"][0]["disks"][0]["systems"]
    said = of_paper(verify_paper(sign(ATTESTATION, payload, KEY), KNOWN))
    assert said.answer.ok and not [line for line in said.lines if "démarrage" in line]


@pytest.mark.parametrize(
    "systems",
    [ONE, [ONE.upper()], [f"{ONE}\n"], ["\x1b[2J"], ["{0}"], [None], [1], [[ONE]], [ONE] * 17, {}],
)
def test_a_good_signature_under_a_hostile_image_is_not_believed(systems: Any) -> None:
    payload: dict[str, Any] = msgspec.to_builtins(attestation(machine(GOOD)))
    payload["machines"][0]["disks"][0]["systems"] = systems
    answer = verify_paper(sign(ATTESTATION, payload, KEY), KNOWN)
    assert answer.answer is Answer.BAD and answer.payload is None
    assert [finding.code for finding in answer.findings] == ["content_unreadable"]


def test_what_a_person_compares_is_the_beginning() -> None:
    digits = "0123456789abcdef" + "f" * 48
    assert wording.short_hash(digits) == "0123 4567 89ab cdef"
    signed = json.loads(sign_attestation(attestation(machine(under(GOOD, digits))), KEY))
    assert signed["payload"]["machines"][0]["disks"][0]["systems"] == [digits]
