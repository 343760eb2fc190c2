"""One workshop, one fingerprint: on paper, in `verify`, of a bag, in `keys show`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bench.documents.attestation import Attestation
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.paper import Issued
from bench.documents.parties import signer_of
from bench.documents.shortcode import verify_code
from bench.documents.signed import Vouched, sign_attestation, verify
from bench.exchange.bag import export_bag
from bench.exchange.signers import Answer
from bench.records import joining, log
from bench.records.signed import fingerprint, keys
from tests import forge
from tests.unit.commands.conftest import data, inside  # noqa: F401
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.papers import GOOD, attestation, machine

Etabli = Callable[..., subprocess.CompletedProcess[str]]
PAPER = attestation(machine(GOOD))


class Shop:
    """A workshop with two benches; the second one joined it."""

    def __init__(self, tmp_path: Path) -> None:
        self.first = forge.store_of(tmp_path, "first")
        self.second = forge.store_of(tmp_path, "second")
        self.key = keys.load(tmp_path / "first" / "keys" / "workshop.key")
        answer = joining.admit(
            self.first,
            self.key,
            joining.request(self.second, "Poste 2"),
            heard=self.second.key.fingerprint,
        )
        joining.join(self.second, answer, heard=self.key.fingerprint)

    def paper(self, bench: log.Log) -> Issued:
        return issue_attestation(PAPER, signer_of(bench))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_papers_of_every_bench_tell_the_fingerprint_of_the_workshop(
    shop: Shop,
    tmp_path: Path,
    inside: Etabli,  # noqa: F811
) -> None:
    shown = shop.key.fingerprint
    for bench in (shop.first, shop.second):
        issued = shop.paper(bench)
        assert f"Empreinte de l'atelier, à comparer de vive voix : {shown}" in " ".join(
            " ".join(texts(issued.pdf)).split()
        )
        (tmp_path / "a.json").write_bytes(issued.json)
        done = inside("verify", tmp_path / "a.json")
        assert done.returncode == 5 and shown in done.stdout
        assert bench.key.fingerprint not in done.stdout
        found = json.loads(inside("verify", tmp_path / "a.json", "--json").stdout)
        assert (found["fingerprint"], found["voice"]) == (shown, "workshop")
        code = inside("verify", issued.code)
        assert code.returncode == 5 and "fichier signé (.json)" in code.stdout
        assert bench.key.fingerprint not in code.stdout and shown not in code.stdout
        export_bag(bench, tmp_path / f"{bench.key.id}.zip")
        bag = inside("verify", tmp_path / f"{bench.key.id}.zip")
        assert f"Empreinte de l'atelier, à comparer de vive voix : {shown}" in bag.stdout
    told = inside("keys", "show", "--data", tmp_path / "first").stdout
    assert f"empreinte : {shown}" in told


def test_a_paper_of_a_bench_never_met_is_known_by_its_registered_workshop(
    shop: Shop, tmp_path: Path
) -> None:
    """As its bag is: the certificate lies within what the bench signed."""
    file = shop.paper(shop.second).json
    bench, workshops = shop.second.key.id, frozenset({shop.key.id})
    assert verify(file).answer is Answer.UNKNOWN
    known = verify(file, trusted={shop.key.id: "Lille"}, workshops=workshops)
    assert known.answer is Answer.KNOWN and known.signer == "Lille"
    assert known.trust == "trusted" and not known.findings
    revoked = verify(file, workshops=workshops, revoked=frozenset({bench}))
    assert revoked.answer is Answer.BAD and not revoked.fingerprint
    assert [found.code for found in revoked.findings] == ["signer_revoked"]


def test_nobody_signs_under_a_certificate_of_another(shop: Shop) -> None:
    """A thief copies it from any paper: then the fingerprint shown would be the good one."""
    good = signer_of(shop.second).certificate
    thief = keys.Key(bytes(32))
    changed = {**good, "body": good["body"].replace("Poste 2", "Poste 3")}
    forged = keys.certify(thief, shop.second.key.public, name="x", at="").plain()
    for key, certificate in (
        (thief, good),
        (shop.second.key, changed),
        (shop.second.key, {"a": "b"}),
    ):
        found = verify(sign_attestation(PAPER, Vouched(key, certificate)))
        assert found.answer is Answer.BAD and not found.fingerprint
        assert [finding.code for finding in found.findings] == ["content_unreadable"]
    own = verify(
        sign_attestation(PAPER, Vouched(shop.second.key, forged)),
        workshops=frozenset({shop.key.id}),
    )
    assert own.answer is Answer.UNKNOWN and own.fingerprint == thief.fingerprint


def test_papers_of_before_are_read_and_show_the_key_that_signed(shop: Shop) -> None:
    """No certificate, and six groups in the file: so they lie at donors'."""
    file = sign_attestation(PAPER, shop.second.key)
    assert fingerprint.unchecked(shop.second.key.public) in file.decode()
    found = verify(file)
    assert found.answer is Answer.UNKNOWN and found.voice == "bench"
    assert found.fingerprint == shop.second.key.fingerprint


def test_versions_of_before_read_the_papers_of_now(shop: Shop) -> None:
    """They compare the six groups and take the payload as the content they know."""
    envelope = json.loads(shop.paper(shop.second).json)
    assert sorted(envelope) == sorted(json.loads(sign_attestation(PAPER, shop.second.key)))
    assert envelope["fingerprint"] == fingerprint.unchecked(shop.second.key.public)
    assert msgspec.convert(envelope["payload"], Attestation) == PAPER


def test_the_code_stays_as_small_as_it_was(shop: Shop) -> None:
    """A certificate would not fit in modules that a scanner reads from a photocopy."""
    issued = shop.paper(shop.second)
    assert len(issued.code) == len(issue_attestation(PAPER, shop.second.key).code)
    assert verify_code(issued.code).voice == ""
