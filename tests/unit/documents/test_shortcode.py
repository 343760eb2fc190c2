"""The QR text: one spelling, signed, small, and checked without any file."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
import segno

from bench.documents.attestation import Attestation
from bench.documents.shortcode import (
    PREFIX,
    attestation_essentials,
    decode,
    encode,
    sign_code,
    verify_code,
)
from tests.unit.documents.papers import CUT, GOOD, KEY, attestation, machine

PAPER = attestation(machine(GOOD, CUT))


def code_of(paper: Attestation) -> str:
    essentials = msgspec.structs.replace(attestation_essentials(paper), digest=DIGEST)
    return sign_code(essentials, KEY)


DIGEST = hashlib.sha256(b"file").digest()
CODE = code_of(PAPER)


@pytest.mark.parametrize("raw", [b"", b"A", b"Hello!!", bytes(range(256))])
def test_text_and_back(raw: bytes) -> None:
    assert decode(encode(raw)) == raw


@pytest.mark.parametrize("text", ["A", "AB", "AAA", "a", "é", "A=", "AAAAAA", "00"])
def test_other_spellings_are_refused(text: str) -> None:
    assert decode(text) is None


def test_the_code_says_who_when_and_what() -> None:
    answer = verify_code(CODE, trusted={KEY.id: "Poste 3"})
    assert answer.ok and answer.signer == "Poste 3" and answer.kind == "code:attestation"
    assert answer.issued_at == "2026-11-23T09:05:00Z"
    assert answer.payload is not None
    assert answer.payload["asset"] == "RC26-004217-7"
    assert answer.payload["counts"] == {"purge": 1, "interrupted": 1}
    assert answer.payload["named"] == (("S3Y9NB0K123456A", "purge"), ("", "interrupted"))
    assert answer.payload["digest"] == DIGEST.hex()
    assert [f.code for f in answer.findings] == ["not_erased"]


def test_the_code_stays_small_enough_to_photocopy() -> None:
    many = attestation(*(machine(GOOD, number=n) for n in range(2000)))
    for paper in (PAPER, many):
        code = segno.make(code_of(paper), error="m", micro=False)
        assert code.mode == "alphanumeric"
        assert int(code.version) <= 14  # 73 modules: half a millimetre each at 34 mm


@pytest.mark.long
def test_every_character_matters() -> None:
    for at, character in enumerate(CODE):
        assert_no_code(at, "A" if character == "7" else "7")


@pytest.mark.long
@pytest.mark.parametrize("other", ["A", "0", "7", "a", "€"])
def test_every_character_matters_whatever_takes_its_place(other: str) -> None:
    for at, character in enumerate(CODE):
        if character != other.upper():  # capitals or not, it is the same character
            assert_no_code(at, other)


def assert_no_code(at: int, other: str) -> None:
    answer = verify_code(CODE[:at] + other + CODE[at + 1 :])
    assert not answer.whole and answer.payload is None


@pytest.mark.parametrize("text", ["", "ETABLI1:", "https://x/", PREFIX + "A" * 5000, CODE[:-3]])
def test_other_texts_are_refused(text: str) -> None:
    assert not verify_code(text).whole


def test_a_line_end_from_a_scanner_is_no_change() -> None:
    assert verify_code(CODE + "\r\n").whole
    assert not verify_code(CODE, revoked=frozenset({KEY.id})).whole
