"""A paper as a signed file: readable JSON that cannot change by one byte unseen.

File form, one line: canonical JSON (RFC 8785) of
`{"fingerprint", "format", "key", "key_id", "payload", "signature", "type"}`.
The Ed25519 signature covers the type and the canonical bytes of `payload` (DSSE's
pre-authentication encoding), so a payload cannot be passed off as another type.
The rest of the file is either derived from the key or compared byte for byte with
its only allowed spelling. `fingerprint` has no check digits: versions that know of none
read these files too, and compare it.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import msgspec
import rfc8785

from bench.casefile.erasure import CLAIMS, supported
from bench.documents.attestation import Attestation
from bench.exchange.signers import Answer
from bench.records.errors import RecordsError
from bench.records.signed import canonical, fingerprint, keys, sealed
from diagnostics.learn import learn
from labels.identifier import is_demo

FORMAT = "etabli-signed-1"
ATTESTATION = "attestation"
CERTIFICATE = "certificate"  # within what is signed: the bench itself says whose it is
# A lot of 2,000 machines takes about 2 MB; anything far larger is no paper of ours, and a
# stranger's nonsense of this size still fits in 300 MB of memory.
MAX_BYTES = 4 * 1024 * 1024
METHODS = ("full", "sample", "none")  # of a read-back
_SAID_OF_WHOLE = ("demonstration", "not_erased", "signer_unknown", "signer_revoked_since")
MAX_FINDINGS = 500  # the worst come first; a lot of thousands of disks says enough with these


class Signer(Protocol):
    """What `bench.records.signed.keys.Key` offers."""

    public: bytes

    def sign(self, kind: str, body: bytes) -> bytes: ...


class Vouched:
    """A bench's key with the certificate its workshop gave it, which every paper carries.

    So a paper tells whose fingerprint is to be compared: the workshop's, the same on all.
    """

    def __init__(self, key: Signer, certificate: Mapping[str, str]) -> None:
        self.public = key.public
        self.certificate = dict(certificate)
        self._key = key

    def sign(self, kind: str, body: bytes) -> bytes:
        return self._key.sign(kind, body)


def voice_key(signer: Signer) -> bytes:
    """The key whose fingerprint stands on the papers: of the workshop, else of the bench alone."""
    carried = signer.certificate if isinstance(signer, Vouched) else None
    return _workshop_of(carried, keys.key_id(signer.public)) or signer.public


def _workshop_of(certificate: object, bench: str) -> bytes:
    """The key of the workshop that certified this bench; empty for anything else."""
    try:
        found = keys.read_certificate(certificate)
    except RecordsError:
        return b""
    return bytes.fromhex(found.workshop_key) if found.bench == bench else b""


class PaperFinding(msgspec.Struct, frozen=True):
    """Why a file is not believed, or what must be known about it."""

    code: str
    value: str = ""


class Verification(msgspec.Struct, frozen=True):
    """The answer of `verify` and of `shortcode.verify_code`; read `ok` or `whole`, not `trust`.

    `trust` says of the holder of `key_id`: trusted, unknown, revoked. `payload` is the
    content, only when `whole`.
    """

    answer: Answer
    findings: tuple[PaperFinding, ...] = ()
    kind: str = ""
    key_id: str = ""
    public: bytes = b""  # the key that signed, of a paper that tells no workshop
    workshop: bytes = b""  # the key of the workshop that certified it, by the paper
    trust: str = "unknown"
    signer: str = ""
    issued_at: str = ""
    payload: dict[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whole, and signed by somebody a registered workshop vouches for."""
        return self.answer is Answer.KNOWN

    @property
    def whole(self) -> bool:
        """Nothing was changed since the holder of the key signed, whoever that is."""
        return self.answer is not Answer.BAD

    @property
    def fingerprint(self) -> str:
        """Of whose paper it is, to compare by voice: the workshop's, where the paper tells it.

        "" of what is bad, from which nobody shall copy, and of a code, which cannot tell it.
        """
        key = self.workshop or self.public
        return fingerprint.show(key) if self.whole and key else ""

    @property
    def voice(self) -> str:
        """Whose fingerprint it is: "workshop", "bench" (a paper of before), or nobody's."""
        return "" if not self.fingerprint else "workshop" if self.workshop else "bench"


def bad(code: str) -> Verification:
    """Not to be believed, for one reason."""
    return Verification(Answer.BAD, (PaperFinding(code),))


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fingerprint: str
    format: str
    key: str
    key_id: str
    payload: msgspec.Raw
    signature: str
    type: str


def sign(kind: str, payload: Mapping[str, Any], signer: Signer) -> bytes:
    """The file bytes of a signed paper. Raises `RecordsError` for floats and the like."""
    value = dict(payload)
    if isinstance(signer, Vouched) and signer.certificate:
        value[CERTIFICATE] = signer.certificate
    canonical.check(value)
    body = rfc8785.dumps(value)
    envelope: dict[str, Any] = {
        "format": FORMAT,
        "type": sealed.media_type(kind),
        "payload": value,
        "key": signer.public.hex(),
        "key_id": keys.key_id(signer.public),
        "fingerprint": fingerprint.unchecked(signer.public),
        "signature": signer.sign(kind, body).hex(),
    }
    file = rfc8785.dumps(envelope) + b"\n"
    if len(file) > MAX_BYTES:  # nobody could verify it
        raise RecordsError("value_too_big", limit=MAX_BYTES)
    return file


def sign_attestation(attestation: Attestation, signer: Signer) -> bytes:
    """`attestation.json`, ready to be written as it is."""
    return sign(ATTESTATION, msgspec.to_builtins(attestation), signer)


def verify(
    data: bytes,
    *,
    trusted: Mapping[str, str] | None = None,
    revoked: frozenset[str] = frozenset(),
    on_record: frozenset[tuple[str, str]] = frozenset(),
    workshops: frozenset[str] = frozenset(),
) -> Verification:
    """Check a signed file offline. Never raises.

    `trusted` maps key ids to names. `on_record`: files, as (key id, SHA-256), which the log
    has from before their signer was revoked.
    """
    envelope, code = _open(data)
    if envelope is None:
        return bad(code)
    public, signature = bytes.fromhex(envelope.key), bytes.fromhex(envelope.signature)
    kind = envelope.type.removeprefix("application/vnd.etabli.").removesuffix("+json")
    # Read only once the signature holds: what was changed on the way costs nothing more.
    if envelope.type != sealed.media_type(kind) or not sealed.signature_holds(
        public, kind, bytes(envelope.payload), signature
    ):
        return bad("signature_wrong")
    payload = _payload(envelope.payload)
    if payload is None:
        return bad("content_unreadable")
    key = envelope.key_id
    workshop = _workshop_of(payload.get(CERTIFICATE), key)
    if CERTIFICATE in payload and not workshop:
        return bad("content_unreadable")
    kept = (key, hashlib.sha256(data).hexdigest()) in on_record
    if key not in revoked and keys.key_id(workshop) in workshops:
        # Certified by a registered workshop, though nothing of its own chain came here yet.
        trusted = {key: (trusted or {}).get(keys.key_id(workshop), "")} | dict(trusted or {})
    answer, said = judge(key, trusted, revoked, kept=kept)
    findings = (*said, *of_demo(payload.get("number")), *_content(kind, payload))
    if any(finding.code not in _SAID_OF_WHOLE for finding in findings):
        answer = Answer.BAD
    issued = payload.get("issued_at")
    return Verification(
        answer=answer,
        findings=findings,
        kind=kind,
        key_id=key,
        public=bytes.fromhex(envelope.key),
        workshop=workshop,
        trust=trust_of(key, trusted, revoked),
        signer=(trusted or {}).get(key, ""),
        issued_at=issued if isinstance(issued, str) else "",
        payload=None if answer is Answer.BAD else payload,
    )


def trust_of(key_id: str, trusted: Mapping[str, str] | None, revoked: frozenset[str]) -> str:
    if key_id in revoked:
        return "revoked"
    return "trusted" if trusted and key_id in trusted else "unknown"


def judge(
    key_id: str, trusted: Mapping[str, str] | None, revoked: frozenset[str], *, kept: bool
) -> tuple[Answer, tuple[PaperFinding, ...]]:
    """What is made of a whole paper by who signed it.

    Whoever holds a revoked key dates papers as he likes: only one that the log has from before
    is not called bad, and even that one is not vouched for by its signature.
    """
    trust = trust_of(key_id, trusted, revoked)
    if trust == "trusted":
        return Answer.KNOWN, ()
    if trust == "revoked" and not kept:
        return Answer.BAD, (PaperFinding("signer_revoked", key_id),)
    code = "signer_revoked_since" if trust == "revoked" else "signer_unknown"
    return Answer.UNKNOWN, (PaperFinding(code, key_id),)


def of_demo(number: object) -> tuple[PaperFinding, ...]:
    """That a paper is a demonstration's, which its number says."""
    return (PaperFinding("demonstration"),) if isinstance(number, str) and is_demo(number) else ()


def _open(data: bytes) -> tuple[_Envelope | None, str]:
    """The envelope with its payload unread, or the code of why there is none."""
    if len(data) > MAX_BYTES:
        return None, "too_big"
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        public, signature = bytes.fromhex(envelope.key), bytes.fromhex(envelope.signature)
        again = msgspec.json.encode(envelope, order="sorted") + b"\n"
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None, "unreadable"
    if again != data:
        return None, "not_canonical"
    if envelope.format != FORMAT or len(public) != 32 or len(signature) != 64:
        return None, "unreadable"
    derived = (public.hex(), signature.hex(), keys.key_id(public), fingerprint.unchecked(public))
    if derived != (envelope.key, envelope.signature, envelope.key_id, envelope.fingerprint):
        return None, "key_mismatch"
    return envelope, ""


def _payload(raw: msgspec.Raw) -> dict[str, Any] | None:
    """What was signed, if it is written in the only way it may be."""
    try:
        value = canonical.loads(bytes(raw), max_bytes=MAX_BYTES)
    except (RecordsError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _content(kind: str, payload: dict[str, Any]) -> tuple[PaperFinding, ...]:
    """An attestation must make sense as well: a valid signature over a lie stays a lie."""
    if kind != ATTESTATION:
        return ()
    try:
        attestation = msgspec.convert(payload, Attestation)
    except msgspec.ValidationError:
        return (PaperFinding("content_unreadable"),)
    return tuple(itertools.islice(_of_disks(attestation), MAX_FINDINGS))


def _of_disks(attestation: Attestation) -> Iterator[PaperFinding]:
    for disk in attestation.disks:
        if disk.claim not in CLAIMS:
            yield PaperFinding("content_unreadable", disk.claim[:40])
        if disk.verified is not None and disk.verified.method not in METHODS:
            yield PaperFinding("content_unreadable", disk.verified.method[:40])
    for disk in attestation.disks:
        if why := supported(disk):
            yield PaperFinding("claims_too_much", f"{disk.identity or disk.job}: {why}")
    for disk in attestation.disks:
        if not disk.erased:
            yield PaperFinding("not_erased", disk.identity or disk.job or "?")


learn(_Envelope)
