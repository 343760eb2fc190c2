"""The text of a paper's QR: short, upper case, checked offline without any file.

`ETABLI1:` then base32 (RFC 4648, without padding) of 32 bytes of public key, 64 bytes
of Ed25519 signature, and a msgpack array. Base32 costs 7 % more than base45 but has
no space, `$` or `*`: the text can be typed in a shell and sent by any scanner. The
signature is bound to the type `code`, so it can never serve as another statement.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Mapping

import msgspec

from bench.casefile.erasure import CLAIMS, ERASED
from bench.documents.attestation import Attestation
from bench.documents.signed import PaperFinding, Signer, Verification, trust_of
from bench.records.signed import keys, sealed
from diagnostics.learn import learn

PREFIX = "ETABLI1:"
KIND = "code"
MAX_CHARACTERS = 4296  # the most a QR holds in alphanumeric mode
MAX_NAMED = 3  # disks named one by one; a fuller list is in the signed file
MAX_SERIAL = 24


class Essentials(msgspec.Struct, frozen=True, array_like=True):
    """What the QR says by itself. `digest` is the SHA-256 of the signed file."""

    kind: str
    number: str
    issued_at: str
    asset: str  # or the lot
    counts: dict[str, int] = {}  # of an attestation: claim -> number of disks
    named: tuple[tuple[str, str], ...] = ()  # serial and claim; "grade" and letter...
    digest: bytes = b""


def encode(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes | None:
    """The bytes, or `None`; one spelling only, so that no changed character passes."""
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    return raw if encode(raw) == text else None


def attestation_essentials(attestation: Attestation) -> Essentials:
    """What the QR of an attestation says; more than a few disks are only counted."""
    disks = attestation.disks
    counts = Counter(disk.claim for disk in disks)
    named = tuple((disk.identity[:MAX_SERIAL], disk.claim) for disk in disks)
    alone = len(attestation.machines) == 1
    return Essentials(
        kind="attestation",
        number=attestation.number,
        issued_at=attestation.issued_at,
        asset=attestation.machines[0].asset if alone else attestation.lot,
        counts={claim: counts[claim] for claim in CLAIMS if counts[claim]},
        named=named if len(named) <= MAX_NAMED else (),
    )


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
        return Verification(False, (PaperFinding("not_a_code"),))
    raw = decode(found.removeprefix(PREFIX))
    if raw is None or len(raw) < 97:
        return Verification(False, (PaperFinding("code_unreadable"),))
    public, signature, body = raw[:32], raw[32:96], raw[96:]
    if not sealed.signature_holds(public, KIND, body, signature):
        return Verification(False, (PaperFinding("signature_wrong"),))
    try:
        essentials = msgspec.msgpack.decode(body, type=Essentials)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Verification(False, (PaperFinding("content_unreadable"),))
    key_id = keys.key_id(public)
    trust = trust_of(key_id, trusted, revoked)
    findings = [] if trust == "trusted" else [PaperFinding(f"signer_{trust}", key_id)]
    findings += [
        PaperFinding("not_erased", f"{count} {claim}")
        for claim, count in essentials.counts.items()
        if claim in CLAIMS and claim not in ERASED
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


learn(Essentials)
