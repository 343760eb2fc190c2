"""The text of a paper's QR: short, upper case, checked offline without any file.

`ETABLI1:` then base45 (RFC 9285, whose alphabet is QR's alphanumeric mode) of
32 bytes of public key, 64 bytes of Ed25519 signature, and a msgpack array. The
signature is bound to the type `code`, so it can never serve as another statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from bench.documents.attestation import CLAIMS, Attestation
from bench.documents.signed import Finding, Signer, Verification, trust_of
from bench.records import keys, sealed

PREFIX = "ETABLI1:"
KIND = "code"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
MAX_CHARACTERS = 4296  # the most a QR holds in alphanumeric mode
MAX_NAMED = 3  # disks named one by one; a fuller list is in the signed file
MAX_SERIAL = 24


class Essentials(msgspec.Struct, frozen=True, array_like=True):
    """What the QR says by itself. `digest` is the SHA-256 of the signed file."""

    kind: str
    number: str
    issued_at: str
    asset: str
    counts: dict[str, int]  # claim -> number of disks
    named: tuple[tuple[str, str], ...]  # serial, claim: all of them or none
    digest: bytes


def encode(text: bytes) -> str:
    """Base45 (RFC 9285)."""
    out = []
    for at in range(0, len(text), 2):
        pair = text[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out.append(ALPHABET[digit])
    return "".join(out)


def decode(text: str) -> bytes | None:
    """The bytes of base45 text; `None` where it is not base45."""
    out = bytearray()
    for at in range(0, len(text), 3):
        digits = [_VALUES.get(character, -1) for character in text[at : at + 3]]
        if min(digits) < 0 or len(digits) == 1:
            return None
        number = sum(digit * 45**place for place, digit in enumerate(digits))
        size = len(digits) - 1
        if number >= 256**size:
            return None
        out += number.to_bytes(size, "big")
    return bytes(out)


def attestation_code(attestation: Attestation, digest: bytes, signer: Signer) -> str:
    """The QR text of an attestation whose signed file has this SHA-256."""
    disks = attestation.disks
    counts = Counter(disk.claim for disk in disks)
    named = tuple(((disk.serial or "")[:MAX_SERIAL], disk.claim) for disk in disks)
    essentials = Essentials(
        kind="attestation",
        number=attestation.number,
        issued_at=attestation.issued_at,
        asset=attestation.machines[0].asset if len(attestation.machines) == 1 else attestation.lot,
        counts={claim: counts[claim] for claim in CLAIMS if counts[claim]},
        named=named if len(named) <= MAX_NAMED else (),
        digest=digest,
    )
    return sign_code(essentials, signer)


def sign_code(essentials: Essentials, signer: Signer) -> str:
    body = msgspec.msgpack.encode(essentials)
    return PREFIX + encode(signer.public + signer.sign(KIND, body) + body)


def verify_code(
    text: str,
    *,
    trusted: Mapping[str, str] | None = None,
    revoked: frozenset[str] = frozenset(),
) -> Verification:
    """Check the text of a QR. Never raises; `payload` holds the `Essentials` as a map."""
    found = text.strip("\r\n\t")
    if not found.startswith(PREFIX) or len(found) > MAX_CHARACTERS:
        return Verification(False, (Finding("not_a_code"),))
    raw = decode(found.removeprefix(PREFIX))
    if raw is None or len(raw) < 97:
        return Verification(False, (Finding("code_unreadable"),))
    public, signature, body = raw[:32], raw[32:96], raw[96:]
    if not sealed.signature_holds(public, KIND, body, signature):
        return Verification(False, (Finding("signature_wrong"),))
    try:
        essentials = msgspec.msgpack.decode(body, type=Essentials)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Verification(False, (Finding("content_unreadable"),))
    key_id = keys.key_id(public)
    trust = trust_of(key_id, trusted, revoked)
    findings = [] if trust == "trusted" else [Finding(f"signer_{trust}", key_id)]
    findings += [
        Finding("not_erased", f"{count} {claim}")
        for claim, count in essentials.counts.items()
        if claim not in ("purge", "clear")
    ]
    plain = msgspec.structs.asdict(essentials)
    return Verification(
        ok=trust != "revoked",
        findings=tuple(findings),
        kind=f"code:{essentials.kind}",
        key_id=key_id,
        fingerprint=keys.fingerprint(public),
        trust=trust,
        signer=(trusted or {}).get(key_id, ""),
        issued_at=essentials.issued_at,
        payload=plain | {"digest": essentials.digest.hex()} if trust != "revoked" else None,
    )
