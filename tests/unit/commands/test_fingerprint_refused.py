"""Nobody who is refused can copy from the refusal what would have been accepted.

A stick can bring a bag, an answer or a paper of anybody: if a refusal showed whose key it is, the
next try would have it typed, and nobody would have been called.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.documents.attestation_pdf import issue_attestation
from bench.exchange.bag import export_bag
from bench.records import joining, log
from bench.records.signed import fingerprint, keys
from tests import forge
from tests.unit.documents.papers import GOOD, attestation, machine

Etabli = Callable[..., subprocess.CompletedProcess[str]]
DIGITS = re.compile(r"(?:\d[ .\u00a0-]?){10,}")  # two groups are more than anybody may have


class World:
    """A workshop far away, what it sends, and this bench, which knows it by name only."""

    def __init__(self, tmp_path: Path, data: Path) -> None:
        self.shop = forge.store_of(tmp_path, "shop")
        self.workshop = keys.load(tmp_path / "shop" / "keys" / "workshop.key")
        self.right = self.workshop.fingerprint
        self.bag = tmp_path / "bag.zip"
        export_bag(self.shop, self.bag)
        bench = forge.store_of(tmp_path, data.name)
        self.bench = bench.key
        self.request = tmp_path / "demande.json"
        self.request.write_bytes(joining.request(bench, "Poste 2"))
        bench.store.close()
        self.answer = tmp_path / "reponse.json"
        self.answer.write_bytes(
            joining.admit(
                self.shop, self.workshop, self.request.read_bytes(), heard=self.bench.fingerprint
            )
        )
        self.out = tmp_path / "cert.json"

    def secrets(self) -> tuple[keys.Key, ...]:
        return self.workshop, self.shop.key, self.bench


@pytest.fixture
def world(tmp_path: Path, data: Path) -> World:
    return World(tmp_path, data)


def slip(right: str) -> str:
    return right[:-1] + str((int(right[-1]) + 1) % 10)


def told_nothing(done: subprocess.CompletedProcess[str], world: World) -> str:
    said = done.stdout + done.stderr
    for key in world.secrets():
        assert key.public.hex() not in said
        for group in fingerprint.unchecked(key.public).split():
            assert group not in said
    assert not DIGITS.search(said), said
    return said


OTHER = fingerprint.show(bytes(range(32)))


def test_a_bag_is_refused_without_saying_whose_it_is(inside: Etabli, world: World) -> None:
    bag = world.bag
    unknown = inside("import", bag)
    assert unknown.returncode == 1
    assert "Appelez-le" in told_nothing(unknown, world) and "verify" not in unknown.stdout
    other = inside("import", bag, "--trust", OTHER)
    assert other.returncode == 3 and "d'un autre" in told_nothing(other, world)
    bare = inside("import", bag, "--trust", OTHER[:-3])
    assert bare.returncode == 3 and "rien ne dit" in told_nothing(bare, world)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (slip, "ne vont pas avec les autres"),
        (lambda right: right[:-4], "29 chiffres au lieu de 32"),
        (lambda right: "", "0 chiffre au lieu de 32"),
        (lambda right: right.replace(right[0], "X"), "« X » n'est pas un chiffre"),
    ],
)
def test_a_slip_is_a_slip_whoever_takes_it(
    inside: Etabli, world: World, typed: Callable[[str], str], said: str
) -> None:
    """Wrong use (2), said as such, and never that it is of another workshop."""
    heard = typed(world.right)
    tries = [
        inside("import", world.bag, "--trust", heard),
        inside("keys", "admit", world.request, "--heard", heard, "--out", world.out),
    ]
    if heard:
        tries.append(inside("keys", "join", world.answer, "--heard", heard))
    for done in tries:
        assert done.returncode == 2, done
        text = told_nothing(done, world)
        assert "mal recopiée" in text and said in text and "d'un autre" not in text
    assert not world.out.exists()


def test_joining_shows_nothing_of_who_answers(inside: Etabli, world: World) -> None:
    """It showed the fingerprint that it then took: a thief's stick needed no telephone."""
    asked = inside("keys", "join", world.answer)
    assert asked.returncode == 3 and "Appelez l'atelier" in told_nothing(asked, world)
    other = inside("keys", "join", world.answer, "--heard", OTHER)
    assert other.returncode == 3 and "d'un autre" in told_nothing(other, world)
    assert inside("keys", "join", world.answer, "--heard", world.right).returncode == 0


def test_admitting_shows_nothing_of_who_asks(inside: Etabli, world: World) -> None:
    refused = inside("keys", "admit", world.request, "--heard", OTHER, "--out", world.out)
    assert refused.returncode == 3 and "d'un autre" in told_nothing(refused, world)


def test_what_is_bad_has_no_fingerprint(
    inside: Etabli, world: World, tmp_path: Path, data: Path
) -> None:
    """A paper and a bag of a revoked bench, changed papers: in words and in JSON."""
    shop, raw = world.shop, issue_attestation(attestation(machine(GOOD)), world.shop.key)
    paper = tmp_path / "a.json"
    paper.write_bytes(raw.json)
    known = log.open_bench(data, forge.Clock(), forge.Noise("again"), name=data.name)
    log.trust(known.store, world.workshop.public, name="w", at="", how="fingerprint")
    known.store.close()
    assert inside("import", world.bag).returncode == 0
    shown = inside("verify", paper)
    assert shown.returncode == 0 and shop.key.fingerprint in shown.stdout
    joining.revoke(shop, world.workshop, shop.key.id, "1", reason="perdue")
    late = tmp_path / "late.zip"
    export_bag(shop, late)
    revoked = log.open_bench(data, forge.Clock(), forge.Noise("third"), name=data.name)
    statement = keys.revoke(world.workshop, shop.key.id, 0, reason="perdue", at="")
    revoked.append("bench.revoked", {"revocation": statement.plain()})
    revoked.store.close()
    changed = tmp_path / "b.json"
    changed.write_bytes(raw.json.replace(b'"type"', b'"typf"'))
    for thing in (paper, raw.code, late, changed):
        for words in (("verify", thing), ("verify", thing, "--json")):
            done = inside(*words)
            assert done.returncode == 1, done
            said = done.stdout + done.stderr
            for group in (world.right, shop.key.fingerprint):
                assert group[:11] not in said
    found = json.loads(inside("verify", late, "--json").stdout)
    assert found["who"]["fingerprint"] == "" and found["who"]["bench"] == shop.key.id


def test_what_is_shown_on_purpose_is_taken_as_it_is_shown(
    inside: Etabli, world: World, tmp_path: Path
) -> None:
    """`keys show` at the workshop, in words and for programs; typed by hand in another way."""
    office = forge.store_of(tmp_path, "office")
    office.store.close()
    told = inside("keys", "show", "--data", tmp_path / "office").stdout
    found = json.loads(inside("keys", "show", "--json", "--data", tmp_path / "office").stdout)
    (own,) = found["workshops"]
    assert own["fingerprint"] in told and found["fingerprint"] in told
    assert [each["fingerprint"] for each in found["benches"]] == [found["fingerprint"]]
    assert inside("keys", "--data", tmp_path / "office").stdout == told
    typed = world.right.replace(" ", "-").replace("0", "o").replace("1", "l")
    assert inside("import", world.bag, "--trust", typed).returncode == 0
