"""One changed byte anywhere in a signed paper is seen, and a lie signed well is still a lie."""

from __future__ import annotations

import hashlib
import json
import random

import msgspec
import pytest
import rfc8785

from bench.documents.attestation import Attestation
from bench.documents.signed import MAX_BYTES, sign, sign_attestation, verify
from bench.exchange.signers import Answer
from bench.records.errors import RecordsError
from bench.records.signed import fingerprint
from tests.unit.documents.papers import CUT, GOOD, KEY, OTHER_KEY, attestation, machine

FILE = sign_attestation(attestation(machine(GOOD)), KEY)


def test_the_whole_file_verifies_and_reads_back() -> None:
    answer = verify(FILE, trusted={KEY.id: "Poste 3"})
    assert answer.ok and answer.findings == ()
    assert (answer.kind, answer.key_id, answer.trust, answer.signer) == (
        "attestation",
        KEY.id,
        "trusted",
        "Poste 3",
    )
    assert answer.issued_at == "2026-11-23T09:05:00Z" and answer.fingerprint == KEY.fingerprint
    assert msgspec.convert(answer.payload, Attestation) == attestation(machine(GOOD))
    assert FILE.endswith(b"}\n") and rfc8785.dumps(json.loads(FILE)) + b"\n" == FILE


@pytest.mark.long
def test_every_single_byte_matters() -> None:
    """Each byte of the file, changed to another value: always refused."""
    rng = random.Random(20261123)
    for at in range(len(FILE)):
        for flip in {1, 0x20, 0x80, rng.randrange(1, 256)}:
            changed = bytearray(FILE)
            changed[at] ^= flip
            answer = verify(bytes(changed))
            assert not answer.whole and answer.findings and answer.payload is None, (at, flip)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 50,
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"payload":1}',
        FILE[:-1],
        FILE + b"\n",
        FILE + b" ",
        b" " + FILE,
        FILE[: len(FILE) // 2],
        FILE.replace(b'"claim":"purge"', b'"claim":"clear"'),
        FILE.replace(b",", b", ", 1),
        FILE.replace(b"/", b"\\/", 1),
        b"[" * 100_000,
        b'{"payload":' * 5_000,
        b'{"a":1.5}\n',
    ],
)
def test_anything_else_is_refused_with_a_code(data: bytes) -> None:
    answer = verify(data)
    assert not answer.whole and answer.findings and answer.payload is None


def test_json_printed_prettily_is_another_file() -> None:
    pretty = json.dumps(json.loads(FILE), indent=1).encode() + b"\n"
    assert [f.code for f in verify(pretty).findings] == ["not_canonical"]


def test_a_signature_for_another_type_does_not_serve() -> None:
    envelope = json.loads(FILE)
    envelope["type"] = "application/vnd.etabli.sheet+json"
    answer = verify(rfc8785.dumps(envelope) + b"\n")
    assert [f.code for f in answer.findings] == ["signature_wrong"]


def test_another_signer_is_another_name_not_the_same_one() -> None:
    forged = sign_attestation(attestation(machine(GOOD)), OTHER_KEY)
    answer = verify(forged, trusted={KEY.id: "Poste 3"})
    assert answer.whole and not answer.ok and answer.answer is Answer.UNKNOWN
    assert answer.trust == "unknown" and answer.signer == ""
    assert [f.code for f in answer.findings] == ["signer_unknown"]
    revoked = verify(FILE, trusted={KEY.id: "Poste 3"}, revoked=frozenset({KEY.id}))
    assert not revoked.whole and revoked.trust == "revoked" and revoked.payload is None
    assert [f.code for f in revoked.findings] == ["signer_revoked"]


def test_a_paper_the_log_has_from_before_the_revocation_is_told_apart() -> None:
    kept = frozenset({(KEY.id, hashlib.sha256(FILE).hexdigest())})
    answer = verify(FILE, revoked=frozenset({KEY.id}), on_record=kept)
    assert answer.answer is Answer.UNKNOWN and answer.trust == "revoked"
    assert [f.code for f in answer.findings] == ["signer_revoked_since"]
    later = sign_attestation(attestation(machine(GOOD, GOOD)), KEY)
    assert verify(later, revoked=frozenset({KEY.id}), on_record=kept).answer is Answer.BAD


def test_key_and_fingerprint_must_belong_together() -> None:
    envelope = json.loads(FILE)
    envelope["fingerprint"] = fingerprint.unchecked(OTHER_KEY.public)
    assert [f.code for f in verify(rfc8785.dumps(envelope) + b"\n").findings] == ["key_mismatch"]


def test_a_well_signed_lie_is_refused() -> None:
    payload = msgspec.to_builtins(attestation(machine(GOOD)))
    payload["machines"][0]["disks"][0]["bad_sectors"] = 8
    answer = verify(sign("attestation", payload, KEY))
    assert not answer.whole and "claims_too_much" in [f.code for f in answer.findings]


def test_an_attestation_of_failure_is_intact_and_says_so() -> None:
    answer = verify(sign_attestation(attestation(machine(GOOD, CUT)), KEY))
    assert answer.whole and "not_erased" in [f.code for f in answer.findings]


def test_no_floats_are_ever_signed() -> None:
    with pytest.raises(RecordsError):
        sign("attestation", {"percent": 1.5}, KEY)


def test_a_paper_too_big_to_be_verified_is_not_signed() -> None:
    with pytest.raises(RecordsError) as refused:
        sign("attestation", {"a": "x" * MAX_BYTES}, KEY)
    assert refused.value.code == "value_too_big"
