"""The text of a paper's QR: short, upper case, checked offline without any file.

`ETABLI1:` then base32 (RFC 4648, without padding) of 32 bytes of public key, 64 bytes
of Ed25519 signature, and a msgpack array. Base32 costs 7 % more than base45 but has
no space, `$` or `*`: the text can be typed in a shell and sent by any scanner. The
signature is bound to the type `code`, so it can never serve as another statement.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections import Counter
from collections.abc import Mapping

import msgspec

from bench.casefile.erasure import CLAIMS, ERASED
from bench.documents.attestation import Attestation
from bench.documents.signed import (
    PaperFinding,
    Signer,
    Verification,
    bad,
    judge,
    of_demo,
    trust_of,
)
from bench.exchange.signers import Answer
from bench.guide import scan
from bench.records.signed import keys, sealed
from diagnostics.learn import learn

PREFIX = "ETABLI1:"
KIND = "code"
# Of what papers there are codes; `bench/documents/papers.py` has what each must hold.
KINDS = ("attestation", "sheet", "handover", "donor_pack", "reuse")
MAX_TEXT = 16_384  # of a scanner: the code, with what a mail or a terminal put between
MAX_BEFORE = 16  # "]Q1", "QR : "
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


def in_text(text: str) -> tuple[str, ...]:
    """The code in what a scanner, a phone or a person gave, one a way to read the keys.

    Line ends and blanks anywhere, lower case, what scanners put before it ("]Q1") and a scanner
    and console of two keyboard layouts make no other code. Nothing is guessed: of a wrong
    reading the signature does not hold.
    """
    bare = "".join(c for c in text[:MAX_TEXT] if unicodedata.category(c)[0] not in "CZ")
    found = []
    for reading in scan.layouts(bare):
        before, head, rest = reading.upper().partition(PREFIX[:-1])
        if head and len(before) <= MAX_BEFORE and rest[:1] in (":", ";"):  # one key, two shifts
            found.append(PREFIX + rest[1:])
    return tuple(dict.fromkeys(found))


def verify_code(
    text: str,
    *,
    trusted: Mapping[str, str] | None = None,
    revoked: frozenset[str] = frozenset(),
    on_record: frozenset[tuple[str, str]] = frozenset(),
) -> Verification:
    """Check the text of a QR, as it was scanned. Never raises; `payload` holds the `Essentials`
    as a map.
    """
    answers = []
    for code in in_text(text):
        answer = _verify(code, trusted, revoked, on_record)
        if answer.key_id:
            return answer
        answers.append(answer)
    return answers[0] if answers else bad("not_a_code")


def _verify(
    code: str,
    trusted: Mapping[str, str] | None,
    revoked: frozenset[str],
    on_record: frozenset[tuple[str, str]],
) -> Verification:
    if len(code) > MAX_CHARACTERS:
        return bad("not_a_code")
    raw = decode(code.removeprefix(PREFIX))
    if raw is None or len(raw) < 97:
        return bad("code_unreadable")
    public, signature, body = raw[:32], raw[32:96], raw[96:]
    if not sealed.signature_holds(public, KIND, body, signature):
        return bad("signature_wrong")
    key_id = keys.key_id(public)
    essentials = _essentials(body)
    if essentials is None:
        return msgspec.structs.replace(bad("content_unreadable"), key_id=key_id)
    kept = (key_id, essentials.digest.hex()) in on_record
    answer, said = judge(key_id, trusted, revoked, kept=kept)
    left = [
        PaperFinding("not_erased", f"{count} {claim}")
        for claim, count in essentials.counts.items()
        if claim in CLAIMS and claim not in ERASED
    ]
    plain = msgspec.structs.asdict(essentials) | {"digest": essentials.digest.hex()}
    return Verification(
        answer=answer,
        findings=(*said, *of_demo(essentials.number), *left),
        kind=f"code:{essentials.kind}",
        key_id=key_id,
        trust=trust_of(key_id, trusted, revoked),
        signer=(trusted or {}).get(key_id, ""),
        issued_at=essentials.issued_at,
        payload=None if answer is Answer.BAD else plain,
    )


def _essentials(body: bytes) -> Essentials | None:
    """What was signed, if it says what our papers say; good signatures stand on anything."""
    try:
        found = msgspec.msgpack.decode(body, type=Essentials)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
    counts = found.counts
    if found.kind not in KINDS or len(found.digest) != 32 or min(counts.values(), default=0) < 0:
        return None
    claims = {*counts, *(claim for _, claim in found.named)}
    return None if found.kind == "attestation" and not claims <= set(CLAIMS) else found


learn(Essentials)
