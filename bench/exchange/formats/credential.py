"""An erasure as a W3C verifiable credential (Data Model 2.0, cryptosuite eddsa-jcs-2022).

That suite canonicalises with RFC 8785, as our own records do, so no JSON-LD processor is
needed to sign or to verify. The issuer is the bench's key as `did:key`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.exchange.formats.source import Item, known
from bench.records.dossier.disks import DiskRecord
from bench.records.errors import RecordsError
from bench.records.signed import canonical
from bench.records.signed.keys import Key

CONTEXT = ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:etabli:ns:"}]
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"  # multicodec ed25519-pub


def base58(raw: bytes) -> str:
    """Multibase base58-btc without its `z`."""
    value, text = int.from_bytes(raw, "big"), ""
    while value:
        value, rest = divmod(value, 58)
        text = _ALPHABET[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def from_base58(text: str) -> bytes:
    """The bytes of a base58 text. Raises `ValueError`."""
    value = 0
    for letter in text:
        value = value * 58 + _ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + value.to_bytes((value.bit_length() + 7) // 8, "big")


def did(public: bytes) -> str:
    """A public key as `did:key`."""
    return f"did:key:z{base58(_ED25519 + public)}"


def issue(item: Item, key: Key, *, at: str) -> dict[str, Any]:
    """A signed credential of every erasure of a machine that stands proven.

    Raises `RecordsError` (`nothing_proven`): a credential of nothing would be read as one.
    """
    proven = [disk for disk in item.disks if disk.erased]
    if not proven:
        raise RecordsError("nothing_proven", asset=item.row["asset"])
    issuer = did(key.public)
    unsigned = {
        "@context": CONTEXT,
        "id": f"urn:uuid:{item.row['device']}",
        "type": ["VerifiableCredential", "DataErasureCredential"],
        "issuer": issuer,
        "validFrom": at,
        "credentialSubject": _subject(item, proven),
    }
    method = f"{issuer}#{issuer.removeprefix('did:key:')}"
    proof = {
        "@context": CONTEXT,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": at,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    signature = key.sign_digests(_digests(unsigned, proof))
    return unsigned | {"proof": proof | {"proofValue": "z" + base58(signature)}}


def _subject(item: Item, proven: list[DiskRecord]) -> dict[str, Any]:
    machine = {
        "id": f"urn:uuid:{item.row['device']}",
        "asset": item.row["asset"],
        "maker": item.row["maker"],
        "model": item.row["model"],
        "serial": item.row["serial"],
    }
    # A disk not proven erased is counted: silence would read as "all erased".
    left = sum(not disk.erased for disk in item.disks)
    return known(machine) | {
        "disks": [_disk(disk) for disk in proven],
        "disksNotProvenErased": left,
        "allDisksSeen": item.disks_known,
    }


def _disk(disk: DiskRecord) -> dict[str, Any]:
    assert disk.standing is not None  # it is erased
    data = disk.standing.data
    return known(
        {
            "model": disk.identity.model,
            "serial": disk.identity.serial,
            "wwn": disk.identity.wwn,
            "sizeBytes": disk.identity.size_bytes,
            "result": disk.claim,
            "technique": data.technique,
            "verification": data.verified.method if data.verified else "",
            "sectorsVerified": data.verified.sectors if data.verified else None,
            "journalSha256": data.journal_hash,
            "ended": data.ended,
        }
    )


def _digests(unsigned: dict[str, Any], proof: dict[str, Any]) -> bytes:
    """vc-di-eddsa, section 3.3.4: hash of the proof's options, then of the document."""
    return b"".join(hashlib.sha256(canonical.dumps(part)).digest() for part in (proof, unsigned))


def verify(credential: dict[str, Any]) -> bool:
    """Whether the proof holds for the issuer's own key. Never raises for what is in it."""
    try:
        unsigned = {name: value for name, value in credential.items() if name != "proof"}
        proof = dict(credential["proof"])
        value = proof.pop("proofValue")
        suite = (proof["type"], proof["cryptosuite"], proof["proofPurpose"])
        if suite != ("DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod"):
            return False
        raw = from_base58(credential["issuer"].removeprefix("did:key:z"))
        method = f"{credential['issuer']}#{credential['issuer'].removeprefix('did:key:')}"
        if raw[:2] != _ED25519 or proof["verificationMethod"] != method or value[0] != "z":
            return False
        public = Ed25519PublicKey.from_public_bytes(raw[2:])
        public.verify(from_base58(value[1:]), _digests(unsigned, proof))
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return False
    except RecordsError:
        return False
    return True
