"""A region's record for checking papers, and papers of everybody who may sign one.

`KEY` is a registered workshop's own; `Poste` a bench it certified; `lost` one it revoked, with a
paper on record from before; `stranger` of a workshop nobody registered.
"""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench.documents import shortcode
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.paper import Issued
from bench.documents.signed import Signer, Vouched, sign
from bench.records import log
from bench.records.signed import keys
from tests import forge
from tests.properties.test_papers_mutated import ISSUED, bytes_changed, enveloped, odd, written
from tests.unit.documents.papers import CLEARED, CUT, GOOD, KEY, OTHER_KEY, attestation, machine
from tests.unit.hub import world as made
from tests.unit.hub.world import World

SHOP = "Atelier <b>du Nord</b>"


@dataclass
class Bed:
    """The site, its folder, and papers by who signed them."""

    world: World
    folder: Path
    papers: dict[str, Issued] = field(default_factory=dict)


def bench_of(workshop: keys.Key, name: str) -> tuple[forge.Bench, Vouched]:
    """A certified bench, and its key as it signs papers."""
    bench = forge.Bench(name, workshop, clock=forge.Clock(made.NOW))
    return bench, vouched(workshop, bench.key, name)


def vouched(workshop: keys.Key, key: keys.Key, name: str) -> Vouched:
    return Vouched(key, keys.certify(workshop, key.public, name=name, at="").plain())


def make(folder: Path) -> Bed:
    """Write the record and the papers."""
    world = made.make(folder)
    opened = world.site.open_log()
    log.trust(opened.store, KEY.public, name=SHOP, at="", how="fingerprint")
    poste, signing = bench_of(KEY, "Poste 3")
    lost, losing = bench_of(KEY, "Poste volé")
    _, strange = bench_of(OTHER_KEY, "Poste d'ailleurs")
    new = vouched(KEY, keys.Key(b"\x21" * 32), "Poste neuf")  # nothing of its chain is here
    signers: dict[str, Signer] = {
        "bench": signing, "own": KEY, "stranger": strange, "bare": OTHER_KEY, "new": new
    }  # fmt: skip
    papers = {
        name: issue_attestation(attestation(machine(GOOD, CLEARED)), signer)
        for name, signer in signers.items()
    }
    papers["cut"] = issue_attestation(attestation(machine(GOOD, CUT, CLEARED)), signing)
    papers["before"] = issue_attestation(attestation(machine(GOOD)), losing)
    papers["after"] = issue_attestation(attestation(machine(CLEARED)), losing)
    digest = hashlib.sha256(papers["before"].json).hexdigest()
    device = lost.device()
    events = [*poste.opened(), *lost.opened()]
    events.append(lost.make("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device))
    told = {"kind": "attestation", "sha256": digest}
    events.append(lost.make("document.issued", told, device=device))
    word = keys.revoke(KEY, lost.key.id, lost.seq, after_hash=lost.prev, reason="vol", at="")
    events.append(poste.make("bench.revoked", {"revocation": word.plain()}))
    opened.store.add(events)
    opened.store.close()
    papers |= {f"own {kind}": issue() for kind, issue in ISSUED.items()}
    return Bed(world, folder, papers)


def hostile(text: str) -> bytes:
    """An attestation by a stranger that says this wherever a text may be, well signed."""
    payload = json.loads(msgspec.json.encode(attestation(machine(GOOD))))
    payload |= {"number": text, "lot": text, "operator": text, "tool": text}
    payload["workshop"]["name"] = payload["donor"]["name"] = text
    for each in payload["machines"]:
        each |= {"asset": text, "maker": text, "model": text, "serial": text}
        for disk in each["disks"]:
            disk |= {"model": text, "serial": text, "technique": text, "job": text}
    return sign("attestation", payload, OTHER_KEY)


def mutants(bed: Bed, count: int, seed: int = 0) -> dict[str, bytes]:
    """So many changed and odd papers and codes, by a name that tells how to make one again."""
    draw = random.Random(seed)
    found: dict[str, bytes] = {}
    payloads = {k: json.loads(issue.json)["payload"] for k, issue in bed.papers.items()}
    for number in range(count):
        who = draw.choice([*bed.papers])
        paper = bed.papers[who]
        act = number % 4
        if act == 0:
            whole = draw.choice([paper.json, paper.code.encode()])
            found[f"{number} changed {who}"] = bytes_changed(draw, whole)
        elif act == 1:
            body = written(odd(draw, payloads[who]))
            kind = draw.choice(["attestation", who.removeprefix("own "), "weird"])
            found[f"{number} odd {who}"] = enveloped(kind, body, draw.choice([KEY, OTHER_KEY]))
        elif act == 2:
            raw = shortcode.decode(paper.code.removeprefix(shortcode.PREFIX))
            assert raw is not None
            found[f"{number} code {who}"] = signed_code(draw, raw[96:])
        else:
            payload = payloads[who]
            kind = json.loads(paper.json)["type"].split("etabli.")[1].removesuffix("+json")
            found[f"{number} content {who}"] = enveloped(kind, written(odd(draw, payload)), KEY)
    return found


def signed_code(draw: random.Random, essentials: bytes) -> bytes:
    """A code of a known or unknown key over odd essentials."""
    try:
        body = msgspec.msgpack.encode(odd(draw, msgspec.msgpack.decode(essentials)))
    except OverflowError:  # 10**30: msgpack has no such numbers
        body = draw.randbytes(40)
    return code_of(body, draw.choice([KEY, OTHER_KEY]))


def code_of(body: bytes, key: keys.Key = KEY) -> bytes:
    """The text of a code around any bytes at all: the signature is right."""
    whole = key.public + key.sign(shortcode.KIND, body) + body
    return (shortcode.PREFIX + shortcode.encode(whole)).encode()
